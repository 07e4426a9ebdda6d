package io.github.pgmanaged.sabotage;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Stacks that are really used up, at a slightly different place each time. */
@Timeout(120)
class StackOverflowTest {
    private static final int ROUNDS = 40;

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager =
            DB.closing(DB.builder().acquireTimeout(Duration.ofSeconds(20)).build());

    /** Each frame closes the lease on the way back, so that the first ones do so with no stack left. */
    @SuppressWarnings("InfiniteRecursion") // that is the point
    private static void closeAtTheEnd(Lease lease) throws SQLException {
        try {
            closeAtTheEnd(lease);
        } finally {
            lease.close();
        }
    }

    @SuppressWarnings("InfiniteRecursion") // that is the point
    private void workAtTheEnd(int[] tries) {
        try {
            workAtTheEnd(tries);
        } catch (StackOverflowError e) {
            if (tries[0]-- > 0) {
                try {
                    manager.useConnection(lease -> insert(lease, "never"));
                } catch (SQLException | StackOverflowError told) {
                    return; // a transaction left open, or no stack for more
                }
            }
        }
    }

    private static void onAStackOf(long bytes, Runnable task) throws InterruptedException {
        Thread thread = new Thread(null, task, "deep", bytes);
        thread.start();
        thread.join();
    }

    private void nextLeaseIsGiven() throws Exception {
        CompletableFuture<String> next = CompletableFuture.supplyAsync(() -> {
            try (Lease lease = manager.acquire()) {
                String rows = query(lease, "SELECT count(*) FROM example");
                lease.rollback();
                return rows;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        Awaitility.await("the next lease").atMost(Duration.ofSeconds(10)).until(() -> {
            if (!next.isDone()) {
                System.gc(); // a lease that nobody could close, for want of a frame for the call
            }
            return next.isDone();
        });
        assertThat(next.get()).isEqualTo("0");
    }

    /** The JDK's timer serves everybody in the process. */
    private static void timersGoOn() {
        assertThatThrownBy(() -> new CompletableFuture<String>()
                        .orTimeout(20, TimeUnit.MILLISECONDS)
                        .get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void a_release_with_no_stack_left_gives_the_turn_back_in_the_end() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            onAStackOf(256 * 1024 + round * 1024, () -> {
                try {
                    Lease lease = manager.acquire();
                    insert(lease, "never");
                    closeAtTheEnd(lease);
                } catch (SQLException | StackOverflowError told) {
                    return;
                }
            });
            nextLeaseIsGiven();
        }
        timersGoOn();
        assertThat(DB.rows()).isZero();
    }

    @Test
    void work_with_hardly_any_stack_left_gives_the_turn_back_in_the_end() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            onAStackOf(256 * 1024 + round * 1024, () -> workAtTheEnd(new int[] {300}));
            nextLeaseIsGiven();
        }
        timersGoOn();
        assertThat(DB.rows()).isZero();
    }
}
