package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;

/** A statement that outlives its connection. */
public final class KeptStatement extends Scenario {
    /** A new one. */
    public KeptStatement() {
        super(
                Subject.AFTER_CLOSE,
                "a statement",
                "A statement that was made before close() is executed afterwards, while the session"
                        + " belongs to the next borrower.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        Statement statement = connection.createStatement();
        return Keepsake.of(stage, connection, () -> {
            try (ResultSet rows = statement.executeQuery("SELECT pg_backend_pid()")) {
                rows.next();
                return rows.getString(1);
            }
        });
    }
}
