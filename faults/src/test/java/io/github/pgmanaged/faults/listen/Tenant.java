package io.github.pgmanaged.faults.listen;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.programs.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;

/** A thread that uses a manager while it listens: sometimes well, sometimes in ways that disturb the listening. */
final class Tenant implements AutoCloseable {
    private final ManagedConnection manager;
    private final List<String> channels;
    private final SplittableRandom random;
    private final Thread thread = new Thread(this::run, "tenant");
    private final Queue<Throwable> strange = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;
    private volatile long leases;

    Tenant(ManagedConnection manager, List<String> channels, long seed) {
        this.manager = manager;
        this.channels = channels;
        this.random = new SplittableRandom(seed);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!stopped) {
            try {
                use(random.nextInt(14));
                leases++;
            } catch (SQLException e) {
                // of the faults
            } catch (Throwable e) {
                strange.add(e);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(30)));
        }
    }

    private void use(int how) throws SQLException {
        String channel = channels.get(random.nextInt(channels.size()));
        switch (how) {
            case 0 -> manager.reset();
            case 1 ->
                manager.useConnection(lease -> {
                    lease.closeOnRelease();
                    Sql.execute(lease, "SELECT 1");
                });
            case 2 -> {
                try (Lease lease = manager.acquire()) {
                    Sql.execute(lease, "SELECT 1");
                    manager.revoke("a test");
                }
            }
            case 3 -> {
                try (Lease lease = manager.acquire()) {
                    lease.setAutoCommit(false);
                    Sql.execute(lease, "SELECT 1"); // and leaves the transaction open
                }
            }
            case 4 -> inAutoCommit("LISTEN \"" + channel + '"');
            case 5 -> inAutoCommit("UNLISTEN \"" + channel + '"');
            case 6 -> inAutoCommit("UNLISTEN *");
            case 7 -> inAutoCommit("DISCARD ALL");
            case 8 -> manager.useTransaction(lease -> Sql.execute(lease, "SELECT pg_sleep(0.05)"));
            case 9 -> hearsItself(channel);
            case 10 -> inAutoCommit("SET work_mem = '1MB'");
            default -> manager.useTransaction(lease -> Sql.execute(lease, "SELECT 1"));
        }
    }

    private void inAutoCommit(String sql) throws SQLException {
        manager.useConnection(lease -> {
            lease.setAutoCommit(true);
            Sql.execute(lease, sql);
        });
    }

    /** What the lease listens to is handed to both. */
    private void hearsItself(String channel) throws SQLException {
        manager.useConnection(lease -> {
            lease.setAutoCommit(true);
            Sql.execute(lease, "LISTEN \"" + channel + '"');
            lease.unwrap(PGConnection.class).getNotifications(20);
        });
    }

    long leases() {
        return leases;
    }

    /** What was thrown that no fault explains. */
    List<Throwable> strange() {
        return List.copyOf(strange);
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        thread.join(TimeUnit.SECONDS.toMillis(60));
        if (thread.isAlive()) {
            throw new AssertionError(thread + " hangs at " + List.of(thread.getStackTrace()));
        }
    }
}
