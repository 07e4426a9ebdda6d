package io.github.pgmanaged.faults.programs;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Short forms. */
public final class Sql {
    private Sql() {}

    /** The first column of the first row; empty if there is none. */
    public static String ask(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(question)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "";
        }
    }

    public static void execute(Connection connection, String command) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }

    /** The process of the server that serves a connection now. */
    public static int pid(Connection connection) throws SQLException {
        return Integer.parseInt(ask(connection, "SELECT pg_backend_pid()"));
    }
}
