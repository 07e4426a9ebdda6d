package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** A feature that the server does not have. */
public final class FeatureError extends Scenario {
    /** A new one. */
    public FeatureError() {
        super(
                Subject.ERRORS,
                "feature not supported (0A000)",
                "A statement under autocommit asks for what the server does not have (a table of another"
                        + " database); the borrower closes. Does the next borrower get the same session?");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Soundness.of(stage, "SELECT * FROM elsewhere.public.entries", "0A000");
    }
}
