package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.testing.Elsewhere;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages that come faster than they are read, without end: leases go on, and memory does not grow. */
@Timeout(120)
class ListenTorrentTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final long MEGABYTE = 1 << 20;

    private final Heard other = new Heard();

    /** Each in a transaction of its own, so that they come one by one. */
    private static void sendOneByOne(int count) throws SQLException {
        try (Connection connection = new LibpqDataSource(DB.conninfo()).getConnection()) {
            execute(connection, "SET synchronous_commit = off");
            execute(
                    connection,
                    "DO 'BEGIN FOR i IN 1.." + count
                            + " LOOP PERFORM pg_notify(''jobs'', i::text); COMMIT; END LOOP; END'");
        }
    }

    @Test
    void leases_go_on_and_the_session_stays_while_messages_come_without_a_pause() throws Exception {
        ManagedConnection manager =
                DB.closing(DB.builder().releaseTimeout(Duration.ofSeconds(5)).build());
        AtomicInteger heard = new AtomicInteger();
        manager.listen("jobs", message -> heard.incrementAndGet());
        manager.listen("other", other);
        CompletableFuture<Void> sending = Elsewhere.run(() -> sendOneByOne(300_000));
        int leases = 0;
        while (!sending.isDone()) {
            assertThat(manager.<String, SQLException>inTransaction(lease -> query(lease, "SELECT 1")))
                    .isEqualTo("1");
            leases++;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1500)); // so that the manager reads by itself, too
        }
        sending.get();
        DB.query("SELECT pg_notify('other', 'end')");
        other.awaitLines("ready FIRST", "other: end");
        assertThat(leases).isPositive();
        assertThat(heard).hasPositiveValue();
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void memory_does_not_grow_with_what_a_slow_listener_does_not_fetch() throws Exception {
        ManagedConnection manager = DB.manager();
        CountDownLatch go = new CountDownLatch(1);
        ExecutorService itsOwn = Executors.newSingleThreadExecutor();
        DB.closing((AutoCloseable) itsOwn::shutdown);
        manager.listen("jobs", message -> go.await(), itsOwn);
        manager.listen("other", other);
        send(20_000, "first");
        long before = usedAfterCollection();
        for (int i = 0; i < 9; i++) {
            send(20_000, "next " + i);
        }
        long after = usedAfterCollection();
        go.countDown();
        assertThat((after - before) / MEGABYTE)
                .as("megabytes that 180,000 messages of 200 characters have taken, which are 80 at least")
                .isLessThan(30);
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    /** Returns when the manager has read them. */
    private void send(int count, String last) throws SQLException {
        DB.query("SELECT count(pg_notify('jobs', repeat('x', 190) || i)) FROM generate_series(1, " + count + ") i");
        DB.query("SELECT pg_notify('other', '" + last + "')");
        other.awaitLast("other: " + last);
    }

    private static long usedAfterCollection() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
