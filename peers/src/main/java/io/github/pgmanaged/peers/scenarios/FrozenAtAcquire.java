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
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A backend that says nothing, while its socket stays open. */
public final class FrozenAtAcquire extends Scenario {
    /** A new one. */
    public FrozenAtAcquire() {
        super(
                Subject.FAULTS,
                "frozen server at acquire",
                "While the connection is idle, its backend is frozen (SIGSTOP); a second and a half later"
                        + " a thread borrows, and then runs a query.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        stage.freeze(stage.work());
        stage.lab().pause(Duration.ofMillis(1500));
        Attempt<Connection> borrower = Attempt.begin("borrower", stage::borrow);
        if (!borrower.endsWithin(Stage.LIMIT)) {
            return Outcome.BLOCKED.because("borrowing hung for more than ten seconds");
        }
        if (borrower.error() != null) {
            return Outcome.FAILED_IN_TIME.because("borrowing raised " + Said.by(borrower.error()));
        }
        Connection borrowed = borrower.value();
        Attempt<@Nullable String> query = Attempt.begin("borrower", () -> Sql.ask(borrowed, "SELECT 1"));
        return query.endsWithin(Duration.ofSeconds(3)) && query.error() == null
                ? Outcome.UNNOTICED.because("the borrower got another session, and could work")
                : Outcome.DEAD_CONNECTION.because("the borrower got a connection, and its query hung");
    }
}
