package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ReentrantAcquireException;
import java.sql.SQLException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Leases that were never closed. */
final class Abandoned {
    private static final int KEPT = 100;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final Queue<Lease> LEASES = new ConcurrentLinkedQueue<>();

    private Abandoned() {}

    /** Keeps it from being collected. */
    static void keep(Lease lease) {
        if (lease != null) {
            LEASES.add(lease);
            if (LEASES.size() > KEPT) {
                LEASES.poll();
            }
        }
    }

    /** Who has forgotten a lease gets another, once the collector has found the first. */
    static void awaitRecovery(Turn turn) throws SQLException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < deadline) {
            System.gc();
            Thread.interrupted(); // whoever is disturbed here tries again, too
            try {
                turn.acquire().close();
                return;
            } catch (ReentrantAcquireException notYet) {
                turn.findings().count("forgotten and not collected yet");
            } catch (SQLException fault) {
                turn.findings().count("disturbed while waiting for what was forgotten");
            }
        }
        turn.findings().anomaly("operation " + turn.id() + ": a forgotten lease was not taken back");
    }
}
