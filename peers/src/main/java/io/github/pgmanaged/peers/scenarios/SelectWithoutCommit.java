package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** Nothing is lost, but the snapshot stays open. */
public final class SelectWithoutCommit extends Scenario {
    /** A new one. */
    public SelectWithoutCommit() {
        super(
                Subject.LEFT_OPEN,
                "autocommit off, SELECT, no commit",
                "A borrower sets autocommit off, reads, and closes the connection; the transaction"
                        + " holds its snapshot.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(false);
        Sql.run(connection, "SELECT count(*) FROM entries");
        return Leftovers.ofReader(stage, connection);
    }
}
