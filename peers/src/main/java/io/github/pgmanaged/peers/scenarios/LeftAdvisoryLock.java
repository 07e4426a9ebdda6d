package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** A lock that no transaction ends. */
public final class LeftAdvisoryLock extends Scenario {
    /** A new one. */
    public LeftAdvisoryLock() {
        super(Subject.LEFT_BEHIND, "an advisory lock", "A borrower takes an advisory lock and does not release it.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> Sql.run(connection, "SELECT pg_advisory_lock(1)"),
                connection -> Inheritance.answer(
                        connection,
                        "SELECT count(*) || ' locks' FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"));
    }
}
