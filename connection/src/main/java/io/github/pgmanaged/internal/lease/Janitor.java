package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Threads;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the promises that have to be kept when no thread comes: {@code idleTimeout}, {@code maxLease} and
 * {@code leaseIdleTimeout}. Its thread, the one background thread of a manager, and only of one that has such an
 * option, sleeps until the earliest moment at which something can be due, so that acquiring and releasing have nothing
 * to do for it; and it does not keep a forgotten manager alive.
 *
 * <p>Thread safety: {@link #ensureRunning} and {@link #stop} are for any thread; the rest is the janitor's own.
 */
final class Janitor {
    /** After that it looks whether the manager is still there. */
    private static final long LONGEST_NAP_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final long SHORTEST_NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** After something went wrong. */
    private static final long RECOVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How often an idle lease is looked at within its timeout. */
    private static final int LOOKS = 4;

    private final HoldingSlot slot;
    private final SessionSlot sessions;
    private final LeaseRevoker revoker;
    private final String manager;
    private final @Nullable Duration maxLease;
    private final @Nullable Duration leaseIdleTimeout;
    private final @Nullable Duration idleTimeout;

    private volatile @Nullable Thread thread;
    private volatile boolean stopped;

    // Of the lease that was looked at last.
    private @Nullable Holding watched;
    private int callsSeen;
    private long quietSince;

    Janitor(HoldingSlot slot, SessionSlot sessions, LeaseRevoker revoker, Options options) {
        this.slot = slot;
        this.sessions = sessions;
        this.revoker = revoker;
        this.manager = options.label();
        this.maxLease = options.maxLease();
        this.leaseIdleTimeout = options.leaseIdleTimeout();
        this.idleTimeout = options.idleTimeout();
    }

    /** Starts the thread if it is needed and does not run; it is tried again later if none can be had. */
    void ensureRunning() {
        Thread known = thread;
        if (stopped
                || (maxLease == null && leaseIdleTimeout == null && idleTimeout == null)
                || (known != null && known.isAlive())) {
            return;
        }
        start();
    }

    private synchronized void start() {
        Thread known = thread;
        if (stopped || (known != null && known.isAlive())) {
            return;
        }
        WeakReference<Janitor> janitor = new WeakReference<>(this);
        Thread started = Threads.daemon("janitor", () -> run(janitor));
        try {
            started.start();
            thread = started;
        } catch (OutOfMemoryError e) {
            Log.detachedWarn(
                    "No thread can be had for the janitor of {}, which keeps maxLease, leaseIdleTimeout and"
                            + " idleTimeout; it is tried again at the next lease",
                    manager);
        }
    }

    private static void run(WeakReference<Janitor> janitor) {
        long nap;
        while ((nap = tidy(janitor.get())) > 0) {
            LockSupport.parkNanos(Math.min(Math.max(nap, SHORTEST_NAP_NANOS), LONGEST_NAP_NANOS));
        }
    }

    /** Nanoseconds until something can be due again; 0 for never. */
    private static long tidy(@Nullable Janitor known) {
        if (known == null || known.stopped) {
            return 0;
        }
        try {
            return known.tidy(System.nanoTime());
        } catch (Throwable t) { // and what was due then is due again
            Log.detachedError("The janitor of {} failed; it goes on", known.manager, t);
            return RECOVERY_NANOS;
        }
    }

    void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    private long tidy(long now) {
        return Math.min(Math.min(tidyLongLease(now), tidyIdleLease(now)), tidySession(now));
    }

    private long tidyLongLease(long now) {
        if (maxLease == null) {
            return Long.MAX_VALUE;
        }
        Holding live = slot.current();
        if (live == null || live.isPreparing()) {
            return Deadline.nanos(maxLease);
        }
        long left = Deadline.nanos(maxLease) - (now - live.since());
        if (left > 0) {
            return left;
        }
        revoker.revoke(
                live,
                "maxLease",
                "had held it for longer than the maxLease of " + maxLease.toMillis() + " ms",
                "Hold leases for less time, or raise maxLease.");
        return Deadline.nanos(maxLease);
    }

    /**
     * A lease is looked at several times within its timeout: that costs its calls no time stamp. So it is revoked when
     * it has been idle for the timeout, and a quarter of it later at the latest.
     */
    private long tidyIdleLease(long now) {
        if (leaseIdleTimeout == null) {
            return Long.MAX_VALUE;
        }
        long timeout = Deadline.nanos(leaseIdleTimeout);
        Holding live = slot.current();
        FencedConnection lease = live == null ? null : live.lease();
        if (live == null || lease == null) {
            watched = null;
            return timeout / LOOKS;
        }
        int calls = lease.fence().seen().calls();
        if (live != watched) {
            watched = live;
            callsSeen = calls;
            quietSince = calls == 0 ? live.since() : now;
        } else if (calls != callsSeen || lease.fence().gate().isBusy()) {
            callsSeen = calls;
            quietSince = now;
        }
        long left = timeout - (now - quietSince);
        if (left > 0) {
            return Math.min(left, timeout / LOOKS);
        }
        revoker.revoke(
                live,
                "leaseIdleTimeout",
                "had made no call on it for longer than the leaseIdleTimeout of " + leaseIdleTimeout.toMillis() + " ms",
                "Release leases while there is nothing to say to the server, or raise leaseIdleTimeout.");
        return timeout / LOOKS;
    }

    private long tidySession(long now) {
        if (idleTimeout == null) {
            return Long.MAX_VALUE;
        }
        long limit = Deadline.nanos(idleTimeout);
        Session known = sessions.session();
        long left = known == null ? limit : limit - known.idleFor(now);
        if (known == null || left > 0 || sessions.isKept()) {
            return known == null || left > 0 ? left : Math.min(limit, LONGEST_NAP_NANOS);
        }
        return closeIfFree(known, limit) ? limit : Math.min(limit, LONGEST_NAP_NANOS);
    }

    @SuppressWarnings("Finally") // thrown on is what was thrown
    private boolean closeIfFree(Session idle, long limit) {
        Holding turn = slot.newBriefTurn();
        boolean detached = false;
        try {
            if (!slot.tryBeginAside(turn)) {
                return false;
            }
            // Once more: a lease may have come and gone.
            detached = idle.idleFor(System.nanoTime()) >= limit && sessions.detach(idle, CloseReason.IDLE);
        } finally {
            try {
                slot.end(turn);
            } finally {
                turn.givenUp = true;
                if (detached) { // and the turn is free while the server is told
                    Log.detachedDebug("The session of {} is closed: no lease within its idleTimeout", manager);
                    try {
                        idle.giveBack();
                    } catch (RuntimeException | Error e) {
                        idle.cut();
                        throw e;
                    }
                }
            }
        }
        return true;
    }
}
