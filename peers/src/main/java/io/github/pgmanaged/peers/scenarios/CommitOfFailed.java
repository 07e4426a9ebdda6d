package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.SQLException;

/** COMMIT of a failed transaction rolls back. */
public final class CommitOfFailed extends Scenario {
    /** A new one. */
    public CommitOfFailed() {
        super(
                Subject.LEFT_OPEN,
                "commit() of a failed transaction",
                "A borrower sets autocommit off, inserts a row, swallows an error, and calls commit()."
                        + " The server rolls back; does the borrower get an exception?");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(false);
        Failure.after(connection, "INSERT INTO entries VALUES ('a')");
        try {
            connection.commit();
        } catch (SQLException e) {
            return Outcome.TOLD.because(
                    "commit() raised " + Said.by(e) + "; rows: " + stage.lab().rows());
        } finally {
            Stage.close(connection);
        }
        return Outcome.NOT_TOLD.because(
                "commit() raised nothing; rows: " + stage.lab().rows());
    }
}
