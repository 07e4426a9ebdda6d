package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import org.postgresql.jdbc.PgConnection;

/** The driver's own connection, which no proxy guards. */
public final class KeptDriverConnection extends Scenario {
    /** A new one. */
    public KeptDriverConnection() {
        super(
                Subject.AFTER_CLOSE,
                "the unwrapped driver connection",
                "pgjdbc's own connection, unwrapped before close(), is used afterwards, while the"
                        + " session belongs to the next borrower.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        PgConnection driver = connection.unwrap(PgConnection.class);
        return Keepsake.of(stage, connection, () -> Sql.ask(driver, "SELECT pg_backend_pid()"));
    }
}
