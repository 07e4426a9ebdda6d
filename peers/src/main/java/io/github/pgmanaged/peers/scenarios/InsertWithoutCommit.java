package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** The plainest of all mistakes. */
public final class InsertWithoutCommit extends Scenario {
    /** A new one. */
    public InsertWithoutCommit() {
        super(
                Subject.LEFT_OPEN,
                "autocommit off, INSERT, no commit",
                "A borrower sets autocommit off, inserts a row, and closes the connection.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(false);
        Sql.run(connection, "INSERT INTO entries VALUES ('a')");
        return Leftovers.of(stage, connection);
    }
}
