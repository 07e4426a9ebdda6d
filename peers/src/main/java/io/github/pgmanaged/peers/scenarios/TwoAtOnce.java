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

/** The promise that everything else stands on. */
public final class TwoAtOnce extends Scenario {
    /** A new one. */
    public TwoAtOnce() {
        super(Subject.HOLDERS, "two at a time", "While one thread holds the connection, another one borrows.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        Attempt<Connection> second = Attempt.begin("second", stage::borrow);
        boolean ended = second.endsWithin(Peer.ACQUIRE_TIMEOUT.multipliedBy(2));
        if (ended && second.error() == null) {
            return second(Stage.pid(connection) == Stage.pid(second.value()));
        }
        Stage.close(connection);
        return Outcome.EXCLUSIVE.because(
                ended ? "the second thread got " + Said.by(second.error()) : "the second thread waits");
    }

    private static Observation second(boolean sameBackend) {
        return sameBackend
                ? Outcome.SHARED.because("the second thread got the same backend")
                : Outcome.TAKEN_AWAY.because(
                        "the second thread got another backend, and the first thread had lost its own");
    }
}
