package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.SQLException;

/** A backend that ends under its holder. */
public final class KilledWhileHeld extends Scenario {
    /** A new one. */
    public KilledWhileHeld() {
        super(
                Subject.FAULTS,
                "backend killed while held",
                "The backend is terminated while a borrower holds the connection and does nothing. Its"
                        + " next statement fails; it closes; other threads borrow.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(true);
        stage.lab().kill(Stage.pid(connection));
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
