package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** What is logged at any level. */
public final class PasswordInLog extends Scenario {
    /** A new one. */
    public PasswordInLog() {
        super(
                Subject.SECRETS,
                "in the log, at any level",
                "The password is given as the library wants it. A pool is opened, used and closed"
                        + " while every logger is at its finest level.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Life.of(stage, stage.target());
    }
}
