package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Attempt;
import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import org.jspecify.annotations.Nullable;

/** A query of another thread that still runs when the connection is given back. */
public final class StillRunning extends Scenario {
    /** A new one. */
    public StillRunning() {
        super(
                Subject.FAULTS,
                "another thread in a query at release",
                "The connection is closed while another thread runs a query of five seconds on it. Does"
                        + " the session pass on with the query running?");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(true);
        int pid = Stage.pid(connection);
        Attempt<@Nullable Void> query = Attempt.begin("other", () -> {
            Sql.run(connection, "SELECT pg_sleep(5)");
            return null;
        });
        stage.lab().awaitState(pid, "active");
        Attempt<Observation> next = Attempt.begin("next", () -> {
            String said = "close() raised " + Said.by(Stage.close(connection));
            Connection borrowed = stage.borrow();
            String state = stage.lab().state(Stage.pid(borrowed));
            if (state.equals("active")) {
                return Outcome.HANDED_ON_RUNNING.because(said + "; the next borrower's session is \"active\"");
            }
            query.endsWithin(Stage.LIMIT);
            return (query.error() == null ? Outcome.WAITED_FOR_THE_QUERY : Outcome.CANCELLED)
                    .because(said + "; the query raised " + Said.by(query.error()));
        });
        if (!next.endsWithin(Stage.LIMIT)) {
            return Outcome.BLOCKED.because("no thread got in for ten seconds");
        }
        return next.error() == null
                ? next.value()
                : Outcome.FAILED_IN_TIME.because("the next borrower got " + Said.by(next.error()));
    }
}
