package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.ResultSet;

/** JDBC's holdability. */
public final class LeftHoldability extends Scenario {
    /** A new one. */
    public LeftHoldability() {
        super(Subject.LEFT_BEHIND, "holdability", "A borrower calls setHoldability(HOLD_CURSORS_OVER_COMMIT).");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> connection.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT),
                connection -> connection.getHoldability());
    }
}
