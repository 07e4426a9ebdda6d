package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.SQLException;

/** idle_in_transaction_session_timeout, which ends the session with 25P03. */
public final class TimedOutInTransaction extends Scenario {
    /** A new one. */
    public TimedOutInTransaction() {
        super(
                Subject.FAULTS,
                "ended by idle_in_transaction_session_timeout",
                "The server ends the session because its borrower idled in a transaction for too long"
                        + " (25P03). The next statement fails; the borrower closes; other threads borrow.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(true);
        int pid = Stage.pid(connection);
        Sql.run(connection, "SET idle_in_transaction_session_timeout = '20ms'");
        Sql.run(connection, "BEGIN");
        stage.lab().awaitState(pid, "nothing");
        String said = "nothing";
        try {
            Sql.run(connection, "SELECT 1");
        } catch (SQLException e) {
            said = Said.by(e);
        }
        Stage.close(connection);
        return Recovery.of(stage, "the holder got " + said + "; ");
    }
}
