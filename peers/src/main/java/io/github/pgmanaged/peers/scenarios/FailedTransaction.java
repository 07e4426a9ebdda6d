package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** A transaction in the failed state, which refuses everything but its end. */
public final class FailedTransaction extends Scenario {
    /** A new one. */
    public FailedTransaction() {
        super(
                Subject.LEFT_OPEN,
                "SQL BEGIN, then an error: the failed state",
                "A borrower with autocommit on runs BEGIN in SQL, inserts a row, runs into an error that"
                        + " it swallows, and closes the connection.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(true);
        Sql.run(connection, "BEGIN");
        Failure.after(connection, "INSERT INTO entries VALUES ('a')");
        return Leftovers.of(stage, connection);
    }
}
