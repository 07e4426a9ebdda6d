package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** Somebody else's rights. */
public final class LeftRole extends Scenario {
    /** A new one. */
    public LeftRole() {
        super(Subject.LEFT_BEHIND, "SET ROLE", "A borrower runs SET ROLE in SQL.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> Sql.run(connection, "SET ROLE pg_monitor"),
                connection -> Inheritance.answer(connection, "SELECT current_user"));
    }
}
