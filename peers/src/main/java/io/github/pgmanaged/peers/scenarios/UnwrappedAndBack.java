package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import org.postgresql.jdbc.PgConnection;

/** The driver's own connection, well used. */
public final class UnwrappedAndBack extends Scenario {
    /** A new one. */
    public UnwrappedAndBack() {
        super(
                Subject.ERRORS,
                "no error: the driver's connection unwrapped",
                "A borrower unwraps pgjdbc's own connection, runs a query there under autocommit, and"
                        + " closes the pool's. Does the next borrower get the same session?");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(true);
        int before = Stage.pid(connection);
        Sql.run(connection.unwrap(PgConnection.class), "SELECT 1");
        return Soundness.handedOn(stage, connection, before);
    }
}
