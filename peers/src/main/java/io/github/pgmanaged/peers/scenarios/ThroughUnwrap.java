package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import org.postgresql.jdbc.PgConnection;

/** Work that no proxy sees. */
public final class ThroughUnwrap extends Scenario {
    /** A new one. */
    public ThroughUnwrap() {
        super(
                Subject.LEFT_OPEN,
                "INSERT through the unwrapped driver connection",
                "A borrower unwraps pgjdbc's own connection, sets its autocommit off and inserts a row"
                        + " there, and closes the pool's connection.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow();
        PgConnection driver = connection.unwrap(PgConnection.class);
        driver.setAutoCommit(false);
        Sql.run(driver, "INSERT INTO entries VALUES ('a')");
        return Leftovers.of(stage, connection);
    }
}
