package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** The handle itself. */
public final class KeptConnection extends Scenario {
    /** A new one. */
    public KeptConnection() {
        super(
                Subject.AFTER_CLOSE,
                "the connection",
                "After close(), a statement is made on the same handle, while the session belongs to"
                        + " the next borrower.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        return Keepsake.of(stage, connection, () -> Sql.ask(connection, "SELECT pg_backend_pid()"));
    }
}
