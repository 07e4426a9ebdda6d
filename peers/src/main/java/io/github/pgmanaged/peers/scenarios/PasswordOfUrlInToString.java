package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** What a debugger or a log line shows of a URL. */
public final class PasswordOfUrlInToString extends Scenario {
    /** A new one. */
    public PasswordOfUrlInToString() {
        super(
                Subject.SECRETS,
                "in toString(), from a JDBC URL",
                "The same, and the password is in the JDBC URL as well.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return PasswordInToString.of(stage, stage.target().withPasswordInUrl());
    }
}
