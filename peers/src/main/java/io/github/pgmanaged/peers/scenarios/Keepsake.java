package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Whether something that was kept after close still works, when the session belongs to the next borrower. */
final class Keepsake {
    private Keepsake() {}

    /** Closes the connection, lets the next borrower come, and asks what was kept for its backend. */
    static Observation of(Stage stage, Connection connection, Callable<@Nullable String> use) throws Exception {
        Sql.finish(connection);
        Stage.close(connection);
        Connection next = stage.borrow();
        try {
            @Nullable String answer = use.call();
            return Integer.toString(Stage.pid(next)).equals(answer)
                    ? Outcome.REACHED_THE_NEXT.because("it answered from the next borrower's backend")
                    : Outcome.STILL_ALIVE.because("it answered, but not from the next borrower's backend");
        } catch (SQLException e) {
            return Outcome.REFUSED.because("it raised " + Said.by(e));
        } finally {
            Sql.finish(next);
            Stage.close(next);
        }
    }
}
