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
                        + " (SIGSTOP).");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(false);
        Sql.run(connection, "INSERT INTO entries VALUES ('a')");
        stage.freeze(Stage.pid(connection));
        Attempt<@Nullable Throwable> release = Attempt.begin("borrower", () -> Stage.close(connection));
        return release.endsWithin(Stage.LIMIT)
                ? Outcome.IN_TIME.because("close() said " + Said.by(release.value()))
                : Outcome.BLOCKED.because("close() hung for more than ten seconds");
    }
}
