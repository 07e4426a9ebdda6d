package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** The setting that changes the most. */
public final class LeftAutoCommit extends Scenario {
    /** A new one. */
    public LeftAutoCommit() {
        super(Subject.LEFT_BEHIND, "autocommit", "A borrower inverts autocommit.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> connection.setAutoCommit(!connection.getAutoCommit()),
                connection -> connection.getAutoCommit());
    }
}
