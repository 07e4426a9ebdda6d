package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Attempt;
import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.sql.SQLException;

/** A handle that is closed twice, as careful people do. */
public final class SecondClose extends Scenario {
    /** A new one. */
    public SecondClose() {
        super(
                Subject.AFTER_CLOSE,
                "a second close()",
                "A handle is closed a second time, while the next borrower has the session. The next"
                        + " borrower's query must work, and no other thread may get the session.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        Stage.close(connection);
        Connection next = stage.borrow();
        Stage.close(connection);
        Attempt<Integer> third = Attempt.begin("third", () -> Stage.pid(stage.borrow()));
        boolean thirdIsIn = third.endsWithin(Peer.ACQUIRE_TIMEOUT.multipliedBy(2)) && third.error() == null;
        if (thirdIsIn) {
            return Outcome.STRUCK_THE_NEXT.because("a third thread got the session as well");
        }
        try {
            Sql.run(next, "SELECT 1");
        } catch (SQLException e) {
            return Outcome.STRUCK_THE_NEXT.because("the next borrower's query raised " + Said.by(e));
        }
        Sql.finish(next);
        Stage.close(next);
        return Outcome.HARMLESS.because("the next borrower's query worked, and a third thread had to wait");
    }
}
