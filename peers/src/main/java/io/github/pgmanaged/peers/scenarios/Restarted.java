package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.time.Duration;

/** The server crashes and starts again. */
public final class Restarted extends Scenario {
    /** A new one. */
    public Restarted() {
        super(
                Subject.FAULTS,
                "server restarted",
                "While the connection is idle the server crashes (SIGKILL of a backend) and restarts; two"
                        + " seconds later other threads borrow.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        stage.work();
        stage.lab().restart();
        stage.lab().pause(Duration.ofSeconds(2));
        return Recovery.of(stage, "");
    }

    @Override
    public boolean needsServerForItself() {
        return true;
    }
}
