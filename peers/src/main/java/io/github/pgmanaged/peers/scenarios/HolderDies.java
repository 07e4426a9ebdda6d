package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Attempt;
import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.lang.ref.Reference;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicReference;

/** A thread that ends and gives nothing back. */
public final class HolderDies extends Scenario {
    /** A new one. */
    public HolderDies() {
        super(
                Subject.HOLDERS,
                "the holder's thread ends",
                "A thread borrows, inserts a row without commit, and ends; a reference keeps the handle"
                        + " from being collected. Other threads try to borrow for ten seconds.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        AtomicReference<Connection> kept = new AtomicReference<>();
        Attempt<Integer> holder = Attempt.begin("holder", () -> insertAndLeave(stage, kept));
        int pid = holder.value();
        holder.thread().join();
        try {
            return NextHolder.of(stage, pid);
        } finally {
            Reference.reachabilityFence(kept);
        }
    }

    private static int insertAndLeave(Stage stage, AtomicReference<Connection> kept) throws Exception {
        Connection connection = stage.borrow(false);
        kept.set(connection);
        Sql.run(connection, "INSERT INTO entries VALUES ('a')");
        return Stage.pid(connection);
    }
}
