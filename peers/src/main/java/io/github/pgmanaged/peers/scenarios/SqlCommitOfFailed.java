package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.SQLException;

/** The same in SQL, where the driver says nothing. */
public final class SqlCommitOfFailed extends Scenario {
    /** A new one. */
    public SqlCommitOfFailed() {
        super(
                Subject.LEFT_OPEN,
                "SQL COMMIT of a failed transaction",
                "A borrower with autocommit on runs BEGIN in SQL, inserts a row, swallows an error, and"
                        + " runs COMMIT in SQL. The server rolls back; does the borrower get an exception?");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(true);
        Sql.run(connection, "BEGIN");
        Failure.after(connection, "INSERT INTO entries VALUES ('a')");
        try {
            Sql.run(connection, "COMMIT");
        } catch (SQLException e) {
            return Outcome.TOLD.because(
                    "COMMIT raised " + Said.by(e) + "; rows: " + stage.lab().rows());
        } finally {
            Stage.close(connection);
        }
        return Outcome.NOT_TOLD.because(
                "COMMIT raised nothing; rows: " + stage.lab().rows());
    }
}
