package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** Two-phase commit: the transaction has left the session, and is for its manager to end. */
public final class PreparedTransaction extends Scenario {
    /** A new one. */
    public PreparedTransaction() {
        super(
                Subject.LEFT_OPEN,
                "PREPARE TRANSACTION: left to its manager",
                "A borrower runs BEGIN, inserts a row, runs PREPARE TRANSACTION, and closes the"
                        + " connection. The prepared transaction must be neither committed nor rolled back by that,"
                        + " and the next borrower must be outside it.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(true);
        String name = stage.target().database();
        Sql.run(connection, "BEGIN");
        Sql.run(connection, "INSERT INTO entries VALUES ('a')");
        Sql.run(connection, "PREPARE TRANSACTION '" + name + "'");
        String said = "close() raised " + Said.by(Stage.close(connection));
        Connection next = stage.borrow();
        String state = stage.lab().state(Stage.pid(next));
        Stage.close(next);
        if (stage.lab().rows() > 0) {
            return Outcome.COMMITTED.because(said + "; the row is committed");
        }
        boolean there = stage.lab()
                .ask("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
                .equals(name);
        return (there ? Outcome.LEFT_PREPARED : Outcome.ROLLED_BACK_SILENTLY)
                .because(said + "; in pg_prepared_xacts: " + there + "; the next borrower's session is \"" + state
                        + "\"");
    }
}
