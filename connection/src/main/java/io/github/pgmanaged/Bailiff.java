package io.github.pgmanaged;

import io.github.pgmanaged.fence.FencedConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes away leases that nobody will release, or that are held for too long. It costs the session: nobody knows what
 * was left in it, and to cut it needs no answer of a server that may be the reason.
 *
 * <p>Thread safety: safe.
 */
final class Bailiff {
    private static final Logger LOG = LoggerFactory.getLogger(ManagedConnection.class);

    private final Custodian custodian;
    private final String manager;
    private final SessionSlot slot;
    private final Settler settler;
    private final Tally tally;

    /** Set once, when the first lease is lost. */
    private volatile boolean hasRecovered;

    Bailiff(Custodian custodian, String manager, SessionSlot slot, Settler settler, Tally tally) {
        this.custodian = custodian;
        this.manager = manager;
        this.slot = slot;
        this.settler = settler;
        this.tally = tally;
    }

    /** Where a lease is acquired that begins now; it costs a stack trace, and so only once one has been lost. */
    @Nullable
    Throwable site() {
        return hasRecovered ? new Throwable("acquired here") : null;
    }

    /** Takes back a lease that nobody will release. */
    void recover(Tenure lost, String why) {
        String message = "A lease of " + manager + " was never released: " + why + ". Thread \""
                + lost.owner().getName() + "\" acquired it "
                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lost.since())
                + " ms ago. Its session is closed, what was not committed is rolled back by the server, and the next"
                + " lease opens a new session. Close leases in try-with-resources, or use withConnection.";
        if (!takeAway(lost, message)) {
            return;
        }
        try {
            tally.abandoned.incrementAndGet();
            LOG.error(
                    "{}{}",
                    message,
                    lost.site() == null ? " Where leases are acquired is remembered from now on." : "",
                    lost.site());
            hasRecovered = true;
        } finally {
            slot.abort();
            custodian.end(lost);
        }
    }

    /** Takes a lease away from whoever has held it for longer than {@code maxLease}. */
    void revoke(Tenure overdue, Duration maxLease) {
        String message = "The lease of " + manager + " was revoked, since thread \""
                + overdue.owner().getName() + "\" had held it for longer than the maxLease of "
                + maxLease.toMillis()
                + " ms: its session is closed, what was not committed is rolled back by the server,"
                + " and the next lease opens a new session. Hold leases for less time, or raise maxLease.";
        if (!takeAway(overdue, message)) {
            return;
        }
        try {
            tally.revoked.incrementAndGet();
            LOG.error("{}", message);
            Session held = slot.session();
            if (held != null) {
                settler.cancel(held);
            }
        } finally {
            slot.abort();
            custodian.end(overdue);
        }
    }

    /**
     * Makes the lease's handles dead, so that they say why, and its holder is told at the release if it lost something.
     *
     * @return whether it is for the caller to go on; not, if the lease is being released
     */
    private static boolean takeAway(Tenure tenure, String why) {
        if (!tenure.seize(new LeaseReleasedException(why, null))) {
            return false;
        }
        FencedConnection lease = tenure.lease();
        if (lease != null) {
            lease.fence().revoke(why);
            lease.fence().shut();
        }
        return true;
    }
}
