package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.SQLException;

/** A backend that ends with work in it. */
public final class KilledBeforeCommit extends Scenario {
    /** A new one. */
    public KilledBeforeCommit() {
        super(
                Subject.FAULTS,
                "backend killed between BEGIN and COMMIT",
                "The backend is terminated after an INSERT. commit() must fail, the row must not be"
                        + " there, and other threads must get in.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(false);
        Sql.run(connection, "INSERT INTO entries VALUES ('a')");
        stage.lab().kill(Stage.pid(connection));
        try {
            connection.commit();
        } catch (SQLException e) {
            Stage.close(connection);
            return Recovery.of(
                    stage,
                    "commit() raised " + Said.by(e) + ", rows: " + stage.lab().rows() + "; ");
        }
        return Outcome.NOT_TOLD.because(
                "commit() raised nothing, rows: " + stage.lab().rows());
    }
}
