package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;

/** A transaction that no flag of JDBC's knows of. */
public final class SqlBegin extends Scenario {
    /** A new one. */
    public SqlBegin() {
        super(
                Subject.LEFT_OPEN,
                "SQL BEGIN under autocommit, INSERT",
                "A borrower with autocommit on runs BEGIN in SQL, inserts a row, and closes the connection.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(true);
        Sql.run(connection, "BEGIN");
        Sql.run(connection, "INSERT INTO entries VALUES ('a')");
        return Leftovers.of(stage, connection);
    }
}
