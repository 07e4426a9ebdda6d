package io.github.pgmanaged.benchmarks.contenders;

import java.sql.Connection;
import java.sql.SQLException;

/** A way to share one connection, in one configuration. */
public interface Contender {
    /**
     * Its name in tables and plots.
     *
     * @return the name
     */
    String name();

    /**
     * Its version, as it says itself.
     *
     * @return the version
     */
    String version();

    /**
     * The options that were set, one line.
     *
     * @return the options
     */
    String configuration();

    /**
     * Opens it.
     *
     * @param place where to
     * @return where the connection is taken and given back
     * @throws Exception if it cannot be opened
     */
    Desk open(Place place) throws Exception;

    /** Where the connection is taken and given back. Thread safety: as the contender's. */
    interface Desk extends AutoCloseable {
        /**
         * Waits for the connection.
         *
         * @return the connection, with autocommit off
         * @throws SQLException as the contender wants
         */
        Connection take() throws SQLException;

        /**
         * Gives it back.
         *
         * @param connection what was taken
         * @throws SQLException as the contender wants
         */
        default void giveBack(Connection connection) throws SQLException {
            connection.close();
        }
    }
}
