package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** A prepared statement in SQL. */
public final class LeftPrepare extends Scenario {
    /** A new one. */
    public LeftPrepare() {
        super(Subject.LEFT_BEHIND, "PREPARE", "A borrower prepares a statement in SQL.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> Sql.run(connection, "PREPARE left_behind AS SELECT 1"),
                connection -> Inheritance.answer(
                        connection, "SELECT count(*) || ' statements' FROM pg_prepared_statements WHERE from_sql"));
    }
}
