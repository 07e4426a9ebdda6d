package io.github.pgmanaged.peers;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Short forms. */
public final class Sql {
    private Sql() {}

    /**
     * Runs a statement.
     *
     * @param connection where
     * @param sql the statement
     * @throws SQLException if it fails
     */
    public static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * Asks for one value.
     *
     * @param connection where
     * @param sql the query
     * @return the first column of the first row as text; null if it is null, or if there is no row
     * @throws SQLException if it fails
     */
    public static @Nullable String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    /**
     * Ends the transaction of a well-behaved caller, if there can be one.
     *
     * @param connection where
     * @throws SQLException if it fails
     */
    public static void finish(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
    }
}
