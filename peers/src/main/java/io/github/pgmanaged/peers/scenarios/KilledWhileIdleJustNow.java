package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** A backend that ends right before it is needed. */
public final class KilledWhileIdleJustNow extends Scenario {
    /** A new one. */
    public KilledWhileIdleJustNow() {
        super(
                Subject.FAULTS,
                "backend killed while idle, next borrower at once",
                "While the connection is idle, pg_terminate_backend ends its backend, and the next thread"
                        + " borrows at once.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        stage.lab().kill(stage.work());
        return Recovery.of(stage, "");
    }
}
