package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.ResultSet;

/** A transaction that began without a statement of the borrower. */
public final class MetadataWithoutCommit extends Scenario {
    /** A new one. */
    public MetadataWithoutCommit() {
        super(
                Subject.LEFT_OPEN,
                "autocommit off, metadata query, no commit",
                "A borrower sets autocommit off, asks DatabaseMetaData for tables, and closes the" + " connection.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(false);
        try (ResultSet tables = connection.getMetaData().getTables(null, "public", "%", null)) {
            tables.next();
        }
        return Leftovers.ofReader(stage, connection);
    }
}
