package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.time.Duration;

/** A backend that ended some time ago. */
public final class KilledWhileIdle extends Scenario {
    /** A new one. */
    public KilledWhileIdle() {
        super(
                Subject.FAULTS,
                "backend killed while idle, next borrower later",
                "While the connection is idle, pg_terminate_backend ends its backend, and the next thread"
                        + " borrows two seconds later.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        stage.lab().kill(stage.work());
        stage.lab().pause(Duration.ofSeconds(2));
        return Recovery.of(stage, "");
    }
}
