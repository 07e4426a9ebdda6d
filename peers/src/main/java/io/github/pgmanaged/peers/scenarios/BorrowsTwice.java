package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Attempt;
import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.SQLException;

/** A thread that would wait for itself. */
public final class BorrowsTwice extends Scenario {
    /** A new one. */
    public BorrowsTwice() {
        super(Subject.HOLDERS, "the holder borrows again", "A thread that holds the connection borrows another one.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Attempt<Observation> holder = Attempt.begin("holder", () -> {
            Connection first = stage.borrow();
            long began = System.nanoTime();
            try {
                return Stage.pid(stage.borrow()) == Stage.pid(first)
                        ? Outcome.SHARED.because("it got a second handle of the same backend")
                        : Outcome.TAKEN_AWAY.because("it got another backend");
            } catch (SQLException | RuntimeException e) {
                boolean late = System.nanoTime() - began > Peer.ACQUIRE_TIMEOUT.toNanos() / 2;
                return (late ? Outcome.WAITED_FOR_ITSELF : Outcome.TOLD_AT_ONCE).because("it got " + Said.by(e));
            } finally {
                Stage.close(first);
            }
        });
        return holder.endsWithin(Stage.LIMIT)
                ? holder.value()
                : Outcome.WAITED_FOR_EVER.because("it waits without a timeout");
    }
}
