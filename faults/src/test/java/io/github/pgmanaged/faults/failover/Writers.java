package io.github.pgmanaged.faults.failover;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.ManagedConnection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/** Threads that write through one manager, one row a transaction, and go on whatever happens; they keep the books. */
public final class Writers implements AutoCloseable {
    public static final String TABLE = "CREATE TABLE written (id bigint, server int)";
    private static final String WRITE = "INSERT INTO written VALUES (?, inet_server_port()) RETURNING server";

    /** Who could not write does not try again at once: two processors are to be left to the servers. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private record Commit(int server, long nanoTime) {}

    private final ManagedConnection manager;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, Commit> acknowledged = new ConcurrentHashMap<>();
    private final Set<Long> unknown = ConcurrentHashMap.newKeySet();
    private final Map<Long, Throwable> failed = new ConcurrentHashMap<>();
    private final LongAccumulator longest = new LongAccumulator(Math::max, 0);
    private volatile boolean stopped;

    public Writers(ManagedConnection manager, int count) {
        this.manager = manager;
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(this::run, "writer " + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    private void run() {
        while (!stopped) {
            long id = ids.incrementAndGet();
            long began = System.nanoTime();
            try {
                int server = manager.inTransaction(lease -> write(lease, id));
                acknowledged.put(id, new Commit(server, System.nanoTime()));
            } catch (CommitOutcomeUnknownException e) {
                unknown.add(id);
            } catch (SQLException | RuntimeException e) {
                failed.put(id, e);
                LockSupport.parkNanos(PAUSE_NANOS);
            } finally {
                longest.accumulate(System.nanoTime() - began);
            }
        }
    }

    private static int write(Connection connection, long id) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(WRITE)) {
            insert.setLong(1, id);
            try (ResultSet rows = insert.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    /** Waits until every thread has written something more. */
    public void awaitProgress(Duration atMost) {
        int before = acknowledged.size();
        int more = 10 * threads.size();
        Awaitility.await("threads that write")
                .atMost(atMost)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> acknowledged.size() >= before + more);
    }

    public void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
            if (thread.isAlive()) {
                throw new AssertionError(thread + " hangs at " + List.of(thread.getStackTrace()));
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }

    /** When a server first acknowledged a commit after a moment, both in {@link System#nanoTime()}. */
    public OptionalLong firstAfter(int port, long moment) {
        return acknowledged.values().stream()
                .filter(commit -> commit.server() == port)
                .mapToLong(Commit::nanoTime)
                .filter(when -> when - moment > 0)
                .min();
    }

    /** How long a thread waited at most for a transaction's end, good or bad. */
    public Duration longest() {
        return Duration.ofNanos(longest.get());
    }

    /** Where the last acknowledged commit went. */
    public int lastServer() {
        return acknowledged.values().stream()
                .max(Comparator.comparingLong(Commit::nanoTime))
                .orElseThrow()
                .server();
    }

    public Set<Long> acknowledged() {
        return acknowledged.keySet();
    }

    public Set<Long> unknown() {
        return unknown;
    }

    public Map<Long, Throwable> failed() {
        return failed;
    }
}
