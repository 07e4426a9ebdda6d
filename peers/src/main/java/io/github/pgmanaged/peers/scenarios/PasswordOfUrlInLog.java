package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** What is logged at any level of a URL. */
public final class PasswordOfUrlInLog extends Scenario {
    /** A new one. */
    public PasswordOfUrlInLog() {
        super(Subject.SECRETS, "in the log, from a JDBC URL", "The same, and the password is in the JDBC URL as well.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Life.of(stage, stage.target().withPasswordInUrl());
    }
}
