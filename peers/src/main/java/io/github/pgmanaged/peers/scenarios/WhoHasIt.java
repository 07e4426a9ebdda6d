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
import org.jspecify.annotations.Nullable;

/** What a waiter learns when its time is over. */
public final class WhoHasIt extends Scenario {
    /** A new one. */
    public WhoHasIt() {
        super(
                Subject.HOLDERS,
                "does a waiter's exception name the holder?",
                "While a named thread holds the connection, another one borrows; does its exception name"
                        + " the holder?");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Attempt<Connection> holder = Attempt.begin("thread-that-has-it", stage::borrow);
        Connection held = holder.value();
        Attempt<Connection> waiter = Attempt.begin("waiter", stage::borrow);
        if (!waiter.endsWithin(Peer.ACQUIRE_TIMEOUT.multipliedBy(2))) {
            Stage.close(held);
            return Outcome.NOT_NAMED.because("there was no exception: it waits without a timeout");
        }
        @Nullable Throwable error = waiter.error();
        if (error == null) {
            return Outcome.SHARED.because("there was no exception: the second thread got a connection");
        }
        Stage.close(held);
        return (Said.all(error).contains("thread-that-has-it") ? Outcome.NAMED : Outcome.NOT_NAMED)
                .because("the waiter got " + Said.by(error));
    }
}
