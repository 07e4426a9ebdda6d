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

/** A backend that ends under a query. */
public final class KilledInQuery extends Scenario {
    /** A new one. */
    public KilledInQuery() {
        super(
                Subject.FAULTS,
                "backend killed in the middle of a query",
                "The backend is terminated while a borrower runs a query. It fails; the borrower closes;"
                        + " other threads borrow.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(true);
        Attempt<@Nullable Void> query = Attempt.begin("holder", () -> {
            Sql.run(connection, "SELECT pg_sleep(30)");
            return null;
        });
        int pid = Stage.pid(connection);
        stage.lab().awaitState(pid, "active");
        stage.lab().kill(pid);
        if (!query.endsWithin(Stage.LIMIT)) {
            return Outcome.BLOCKED.because("the query hung");
        }
        Stage.close(connection);
        return Recovery.of(stage, "the holder got " + Said.by(query.error()) + "; ");
    }
}
