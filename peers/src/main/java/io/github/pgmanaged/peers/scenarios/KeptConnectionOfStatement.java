package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** What getConnection() of a statement gave. */
public final class KeptConnectionOfStatement extends Scenario {
    /** A new one. */
    public KeptConnectionOfStatement() {
        super(
                Subject.AFTER_CLOSE,
                "stmt.getConnection()",
                "What getConnection() of a statement gave before close() is used afterwards, while the"
                        + " session belongs to the next borrower.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        Connection again = connection.createStatement().getConnection();
        return Keepsake.of(stage, connection, () -> Sql.ask(again, "SELECT pg_backend_pid()"));
    }
}
