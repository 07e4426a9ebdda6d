package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** A savepoint inside of an open transaction. */
public final class SavepointLeftOpen extends Scenario {
    /** A new one. */
    public SavepointLeftOpen() {
        super(
                Subject.LEFT_OPEN,
                "autocommit off, a savepoint, INSERT",
                "A borrower sets autocommit off, sets a savepoint, inserts a row, and closes the" + " connection.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(false);
        connection.setSavepoint("here");
        Sql.run(connection, "INSERT INTO entries VALUES ('a')");
        return Leftovers.of(stage, connection);
    }
}
