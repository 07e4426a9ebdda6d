package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** A temporary table. */
public final class LeftTempTable extends Scenario {
    /** A new one. */
    public LeftTempTable() {
        super(Subject.LEFT_BEHIND, "a temporary table", "A borrower makes a temporary table.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> Sql.run(connection, "CREATE TEMP TABLE left_behind (a int)"),
                connection -> Inheritance.answer(
                        connection,
                        "SELECT CASE WHEN to_regclass('pg_temp.left_behind') IS NULL THEN 'no table' ELSE 'a table' END"));
    }
}
