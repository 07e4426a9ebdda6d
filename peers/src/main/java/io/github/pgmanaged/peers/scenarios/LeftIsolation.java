package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** JDBC's transaction isolation. */
public final class LeftIsolation extends Scenario {
    /** A new one. */
    public LeftIsolation() {
        super(Subject.LEFT_BEHIND, "transaction isolation", "A borrower sets the isolation to SERIALIZABLE.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE),
                connection -> Inheritance.answer(connection, "SHOW default_transaction_isolation"));
    }
}
