package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Attempt;
import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A thread that lives on and gives nothing back: only the time tells that something is wrong. */
public final class HolderKeeps extends Scenario {
    /** A new one. */
    public HolderKeeps() {
        super(
                Subject.HOLDERS,
                "the holder keeps the connection",
                "A thread borrows, inserts a row without commit, and waits for something else. Other"
                        + " threads try to borrow for ten seconds.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<Integer> pid = new CompletableFuture<>();
        Attempt<@Nullable Void> holder = Attempt.begin("holder", () -> {
            Connection connection = stage.borrow(false);
            Sql.run(connection, "INSERT INTO entries VALUES ('a')");
            pid.complete(Stage.pid(connection));
            over.await();
            Stage.close(connection);
            return null;
        });
        try {
            return NextHolder.of(stage, pid.get(Stage.LIMIT.toSeconds(), TimeUnit.SECONDS));
        } finally {
            over.countDown();
            holder.endsWithin(Stage.LIMIT);
        }
    }
}
