package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** A cursor that no transaction ends. */
public final class LeftCursor extends Scenario {
    /** A new one. */
    public LeftCursor() {
        super(
                Subject.LEFT_BEHIND,
                "a cursor WITH HOLD",
                "A borrower declares a cursor WITH HOLD and does not close it.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> Sql.run(connection, "DECLARE held CURSOR WITH HOLD FOR SELECT 1"),
                connection -> Inheritance.answer(
                        connection, "SELECT count(*) || ' cursors' FROM pg_cursors WHERE is_holdable"));
    }
}
