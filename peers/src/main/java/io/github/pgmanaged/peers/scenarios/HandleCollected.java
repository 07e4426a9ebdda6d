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

/** A handle that nobody can close any more. */
public final class HandleCollected extends Scenario {
    /** A new one. */
    public HandleCollected() {
        super(
                Subject.HOLDERS,
                "the handle is garbage collected",
                "A thread borrows, inserts a row without commit, forgets the handle, and lives on; the"
                        + " garbage collector runs. Other threads try to borrow for ten seconds.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<Integer> pid = new CompletableFuture<>();
        Attempt<@Nullable Void> holder = Attempt.begin("holder", () -> {
            pid.complete(insertAndForget(stage));
            over.await();
            return null;
        });
        try {
            return NextHolder.of(stage, pid.get(Stage.LIMIT.toSeconds(), TimeUnit.SECONDS));
        } finally {
            over.countDown();
            holder.endsWithin(Stage.LIMIT);
        }
    }

    private static int insertAndForget(Stage stage) throws Exception {
        Connection connection = stage.borrow(false);
        Sql.run(connection, "INSERT INTO entries VALUES ('a')");
        return Stage.pid(connection);
    }
}
