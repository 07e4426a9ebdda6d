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

/** A backend that says nothing when a rollback is due. */
public final class FrozenAtRelease extends Scenario {
    /** A new one. */
    public FrozenAtRelease() {
        super(
                Subject.FAULTS,
                "frozen server at release",
                "A borrower with an open transaction closes the connection while its backend is frozen"
                        + " (SIGSTOP). Then other threads borrow.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(false);
        Sql.run(connection, "INSERT INTO entries VALUES ('a')");
        int pid = Stage.pid(connection);
        stage.freeze(pid);
        Attempt<@Nullable Throwable> release = Attempt.begin("borrower", () -> Stage.close(connection));
        if (!release.endsWithin(Stage.LIMIT)) {
            return Outcome.BLOCKED.because("close() hung for more than ten seconds");
        }
        String said = "close() raised " + Said.by(release.value());
        Attempt<Integer> next = Attempt.begin("next", () -> Stage.pid(stage.borrow()));
        if (!next.endsWithin(Stage.LIMIT)) {
            return Outcome.BLOCKED.because(said + ", and borrowing hung for more than ten seconds");
        }
        return next.error() == null && next.value() == pid
                ? Outcome.DEAD_CONNECTION.because(said + ", and the next borrower got the frozen session")
                : Outcome.IN_TIME.because(said);
    }
}
