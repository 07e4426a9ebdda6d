package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** A channel that is listened to. */
public final class LeftListen extends Scenario {
    /** A new one. */
    public LeftListen() {
        super(Subject.LEFT_BEHIND, "LISTEN", "A borrower listens to a channel.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> Sql.run(connection, "LISTEN news"),
                connection ->
                        Inheritance.answer(connection, "SELECT count(*) || ' channels' FROM pg_listening_channels()"));
    }
}
