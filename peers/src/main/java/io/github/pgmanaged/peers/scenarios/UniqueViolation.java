package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** The most common error of all. */
public final class UniqueViolation extends Scenario {
    /** A new one. */
    public UniqueViolation() {
        super(
                Subject.ERRORS,
                "unique violation (23505)",
                "A statement under autocommit violates a unique constraint; the borrower closes. Does the"
                        + " next borrower get the same session?");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        stage.lab().run("INSERT INTO entries VALUES ('a')");
        return Soundness.of(stage, "INSERT INTO entries VALUES ('a')", "23505");
    }
}
