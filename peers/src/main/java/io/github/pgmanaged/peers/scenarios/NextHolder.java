package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Attempt;
import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Stage;
import java.sql.Connection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Whether anybody gets in after a connection was never given back. */
final class NextHolder {
    private NextHolder() {}

    /** Others come, one after the other, for ten seconds. The one before has inserted a row and not committed it. */
    static Observation of(Stage stage, int lost) throws Exception {
        long end = System.nanoTime() + Stage.LIMIT.toNanos();
        String said = "nothing, and the call hung";
        while (System.nanoTime() < end) {
            Attempt<Observation> next = Attempt.begin("next", () -> {
                Connection connection = stage.borrow();
                String state = stage.lab().state(Stage.pid(connection));
                if (Stage.pid(connection) == lost && state.startsWith("idle in transaction")) {
                    return Outcome.HANDED_ON.because("another thread got it at once, with the transaction in it");
                }
                return stage.lab().rows() > 0
                        ? Outcome.COMMITTED.because("it was taken back, and the row is committed")
                        : Outcome.TAKEN_BACK.because("another thread got in, and no row is there");
            });
            while (System.nanoTime() < end && !next.endsWithin(Duration.ofMillis(200))) {
                System.gc(); // in case that a collected handle is what is waited for
            }
            if (next.endsWithin(Duration.ZERO)) {
                @Nullable Throwable error = next.error();
                if (error == null) {
                    return next.value();
                }
                said = Said.by(error);
            }
        }
        return Outcome.LOST.because("each borrower got " + said);
    }
}
