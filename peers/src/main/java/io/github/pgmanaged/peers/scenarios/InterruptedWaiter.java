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
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** A thread that is asked to stop while it waits. */
public final class InterruptedWaiter extends Scenario {
    /** Who waits for less than the acquireTimeout has not waited until that was over. */
    private static final Duration IN_TIME = Peer.ACQUIRE_TIMEOUT.minusMillis(100);

    /** A new one. */
    public InterruptedWaiter() {
        super(
                Subject.HOLDERS,
                "a waiting thread is interrupted",
                "While one thread holds the connection, another one waits for it and is interrupted.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        AtomicBoolean flag = new AtomicBoolean();
        AtomicLong ended = new AtomicLong();
        long began = System.nanoTime();
        Attempt<Connection> waiter = Attempt.begin("waiter", () -> {
            try {
                return stage.borrow();
            } finally {
                flag.set(Thread.currentThread().isInterrupted());
                ended.set(System.nanoTime());
            }
        });
        waiter.awaitWaiting();
        if (waiter.endsWithin(Duration.ZERO)) {
            return Outcome.SHARED.because("no thread had to wait");
        }
        waiter.thread().interrupt();
        boolean inTime = waiter.endsWithin(Peer.ACQUIRE_TIMEOUT) && ended.get() - began < IN_TIME.toNanos();
        Stage.close(connection);
        if (!inTime) {
            return Outcome.NOT_INTERRUPTED.because("it waited on");
        }
        return (flag.get() ? Outcome.INTERRUPTED : Outcome.FLAG_LOST)
                .because("it got " + Said.by(waiter.error()) + "; its flag is " + (flag.get() ? "set" : "not set"));
    }
}
