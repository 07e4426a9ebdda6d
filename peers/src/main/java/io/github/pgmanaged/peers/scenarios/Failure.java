package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/** An error that its caller swallows. */
final class Failure {
    private Failure() {}

    /** Runs a statement, and then one that fails. */
    static void after(Connection connection, String sql) throws SQLException {
        Sql.run(connection, sql);
        try {
            Sql.run(connection, "SELECT 1/0");
        } catch (SQLException e) {
            return; // the borrower does not care
        }
        throw new IllegalStateException("The division must fail");
    }
}
