package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Attempt;
import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The other side of taking a connection away: a holder who works for longer than others like. */
public final class HolderWorks extends Scenario {
    /** A new one. */
    public HolderWorks() {
        super(
                Subject.HOLDERS,
                "the holder works for eight seconds",
                "A thread borrows, inserts a row, runs eight statements of a second each, and commits."
                        + " Other threads borrow meanwhile. Was the work done?");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        Connection connection = stage.borrow(false);
        Attempt<@Nullable Void> holder = Attempt.begin("holder", () -> {
            Sql.run(connection, "INSERT INTO entries VALUES ('a')");
            for (int i = 0; i < 8; i++) {
                Sql.run(connection, "SELECT pg_sleep(1)");
            }
            connection.commit();
            return null;
        });
        while (!holder.endsWithin(Duration.ofMillis(100))) {
            Attempt.begin("other", stage::work).endsWithin(Duration.ofSeconds(3));
        }
        Stage.close(connection);
        boolean done = holder.error() == null && stage.lab().rows() == 1;
        return (done ? Outcome.EXCLUSIVE : Outcome.TAKEN_AWAY)
                .because("it got " + Said.by(holder.error()) + ", rows: "
                        + stage.lab().rows());
    }
}
