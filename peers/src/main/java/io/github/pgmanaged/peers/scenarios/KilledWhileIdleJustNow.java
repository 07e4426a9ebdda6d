package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** A backend that ends right before it is needed. */
public final class KilledWhileIdleJustNow extends Scenario {
    /** A new one. */
    public KilledWhileIdleJustNow() {
        super(
                Subject.FAULTS,
                "backend killed while idle, next borrower at once",
                "While nobody has the connection its backend is ended by pg_terminate_backend, and the"
                        + " next borrower comes at once.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        int pid = Stage.pid(connection);
        Sql.run(connection, "SELECT 1");
        Sql.finish(connection);
        Stage.close(connection);

        stage.lab().kill(pid);
        return Recovery.of(stage, "");
    }
}
