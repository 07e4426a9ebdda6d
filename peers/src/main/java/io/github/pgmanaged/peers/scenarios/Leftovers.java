package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Stage;
import java.sql.Connection;
import org.jspecify.annotations.Nullable;

/**
 * What has become of a transaction that was left open: the server is asked, once the next borrower has its connection.
 */
final class Leftovers {
    private Leftovers() {}

    /** Closes the connection and lets the next borrower come. */
    static Observation of(Stage stage, Connection left) throws Exception {
        return of(stage, left, Outcome.ROLLED_BACK_SILENTLY);
    }

    /** The same for one who has only read. */
    static Observation ofReader(Stage stage, Connection left) throws Exception {
        return of(stage, left, Outcome.ROLLED_BACK_NOTHING_LOST);
    }

    private static Observation of(Stage stage, Connection left, Outcome silently) throws Exception {
        @Nullable Throwable told = Stage.close(left);
        String said = "close() raised " + Said.by(told);
        Connection next = stage.borrow();
        try {
            String state = stage.lab().state(Stage.pid(next));
            if (state.startsWith("idle in transaction")) {
                return Outcome.HANDED_ON.because(said + "; the next borrower's session is \"" + state + "\"");
            }
            if (stage.lab().rows() > 0) {
                return Outcome.COMMITTED.because(said + "; the row is committed");
            }
            return (told == null ? silently : Outcome.ROLLED_BACK_AND_TOLD)
                    .because(said + "; the next borrower's session is \"" + state + "\", and no row is there");
        } finally {
            Stage.close(next);
        }
    }
}
