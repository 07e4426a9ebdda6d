package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** What getConnection() of the metadata gave. */
public final class KeptConnectionOfMetadata extends Scenario {
    /** A new one. */
    public KeptConnectionOfMetadata() {
        super(
                Subject.AFTER_CLOSE,
                "metadata.getConnection()",
                "What getConnection() of DatabaseMetaData gave before close() is used afterwards,"
                        + " while the session belongs to the next borrower.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        Connection again = connection.getMetaData().getConnection();
        return Keepsake.of(stage, connection, () -> Sql.ask(again, "SELECT pg_backend_pid()"));
    }
}
