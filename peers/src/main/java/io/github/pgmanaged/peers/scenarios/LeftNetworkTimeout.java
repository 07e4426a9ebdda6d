package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** JDBC's network timeout. */
public final class LeftNetworkTimeout extends Scenario {
    /** A new one. */
    public LeftNetworkTimeout() {
        super(Subject.LEFT_BEHIND, "network timeout", "A borrower calls setNetworkTimeout with an hour.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> connection.setNetworkTimeout(Runnable::run, 3_600_000),
                connection -> connection.getNetworkTimeout());
    }
}
