package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** A setting in SQL. */
public final class LeftSet extends Scenario {
    /** A new one. */
    public LeftSet() {
        super(Subject.LEFT_BEHIND, "SET statement_timeout", "A borrower runs SET statement_timeout in SQL.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> Sql.run(connection, "SET statement_timeout = '1h'"),
                connection -> Inheritance.answer(connection, "SHOW statement_timeout"));
    }
}
