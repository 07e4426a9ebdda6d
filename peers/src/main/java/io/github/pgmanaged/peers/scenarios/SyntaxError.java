package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** A mistake in SQL. */
public final class SyntaxError extends Scenario {
    /** A new one. */
    public SyntaxError() {
        super(
                Subject.ERRORS,
                "syntax error (42601)",
                "A statement under autocommit has a syntax error; the borrower closes. Does the next"
                        + " borrower get the same session?");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Soundness.of(stage, "SELEC 1", "42601");
    }
}
