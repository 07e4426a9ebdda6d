package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** JDBC's read-only flag. */
public final class LeftReadOnly extends Scenario {
    /** A new one. */
    public LeftReadOnly() {
        super(Subject.LEFT_BEHIND, "read-only", "A borrower calls setReadOnly(true).");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(stage, connection -> connection.setReadOnly(true), connection -> connection.isReadOnly());
    }
}
