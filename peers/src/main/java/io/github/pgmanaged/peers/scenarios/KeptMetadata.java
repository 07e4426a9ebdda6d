package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;

/** Metadata that outlive their connection. */
public final class KeptMetadata extends Scenario {
    /** A new one. */
    public KeptMetadata() {
        super(
                Subject.AFTER_CLOSE,
                "a metadata query",
                "DatabaseMetaData from before close() is asked for tables afterwards, while the"
                        + " session belongs to the next borrower.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        DatabaseMetaData metadata = connection.getMetaData();
        return Keepsake.of(stage, connection, () -> {
            try (ResultSet tables = metadata.getTables(null, "public", "entries", null)) {
                tables.next();
            }
            return stage.lab()
                    .ask("SELECT pid FROM pg_stat_activity WHERE query LIKE '%TABLE_CAT%'"
                            + " AND datname = current_database() AND pid <> pg_backend_pid()");
        });
    }
}
