package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.ResultSet;

/** Rows that outlive their connection. */
public final class KeptResultSet extends Scenario {
    /** A new one. */
    public KeptResultSet() {
        super(
                Subject.AFTER_CLOSE,
                "a result set",
                "A result set of two rows in memory is read on after close(), while the session"
                        + " belongs to the next borrower.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        ResultSet rows = connection.createStatement().executeQuery("SELECT 0 UNION ALL SELECT 0");
        rows.next();
        return Keepsake.of(stage, connection, () -> rows.next() ? rows.getString(1) : null);
    }
}
