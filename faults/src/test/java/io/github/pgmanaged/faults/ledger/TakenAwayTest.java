package io.github.pgmanaged.faults.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.programs.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A lease that is taken away while COMMIT is under way. */
@Timeout(60)
class TakenAwayTest {
    @Test
    void a_commit_that_is_answered_while_the_lease_is_taken_away_is_not_reported_as_failed() throws Exception {
        try (Server server = Server.start();
                Line line = new Line(server.port());
                Connection witness = server.connect();
                ManagedConnection manager = ManagedConnection.builder(
                                "host=127.0.0.1 port=" + line.port() + " user=postgres dbname=postgres sslmode=disable")
                        .maxLease(Duration.ofMillis(200))
                        .releaseTimeout(Duration.ofMillis(2000))
                        .build()) {
            Sql.execute(witness, "CREATE TABLE ledger (id bigint)");
            for (int id = 0; id < 10; id++) {
                String insert = "INSERT INTO ledger VALUES (" + id + ")";
                String said = "committed";
                try {
                    manager.<SQLException>useTransaction(lease -> {
                        Sql.execute(lease, insert);
                        line.stall(Duration.ofMillis(400).toNanos()); // COMMIT, and the cancel request later
                    });
                } catch (CommitOutcomeUnknownException e) {
                    continue; // true, whatever became of it
                } catch (SQLException e) {
                    said = "not committed: " + e;
                }
                String there = Sql.ask(witness, "SELECT count(*) FROM ledger WHERE id = " + id);
                assertThat(there).as(said).isEqualTo(said.equals("committed") ? "1" : "0");
            }
        }
    }
}
