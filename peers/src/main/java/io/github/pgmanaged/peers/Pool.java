package io.github.pgmanaged.peers;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A peer's pool of one connection.
 *
 * @param self the library's own object, whose {@code toString} is looked at
 * @param lender how a caller gets a connection
 * @param end how it is shut down
 */
public record Pool(Object self, Lender lender, AutoCloseable end) {
    /** How a caller gets a connection. */
    @FunctionalInterface
    public interface Lender {
        /**
         * Waits for it.
         *
         * @return a connection; to close it is to give it back
         * @throws SQLException as the library wants
         */
        Connection borrow() throws SQLException;
    }
}
