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
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** A cancel that comes too late, and hits somebody else. */
public final class KeptCancel extends Scenario {
    /** A new one. */
    public KeptCancel() {
        super(
                Subject.AFTER_CLOSE,
                "cancelQuery() of an unwrapped PGConnection",
                "A PGConnection, unwrapped before close(), cancels afterwards, while the next borrower"
                        + " runs a query.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        PGConnection kept = connection.unwrap(PGConnection.class);
        Stage.close(connection);
        Connection next = stage.borrow();
        Attempt<@Nullable Void> query = Attempt.begin("next", () -> {
            Sql.run(next, "SELECT pg_sleep(1)");
            return null;
        });
        stage.lab().awaitState(Stage.pid(next), "active");
        String said = "nothing";
        try {
            kept.cancelQuery();
        } catch (SQLException e) {
            said = Said.by(e);
        }
        query.endsWithin(Stage.LIMIT);
        String seen = "cancelQuery() raised " + said + ", the next borrower's query " + Said.by(query.error());
        Sql.finish(next);
        Stage.close(next);
        return (query.error() == null ? Outcome.HARMLESS : Outcome.STRUCK_THE_NEXT).because(seen);
    }
}
