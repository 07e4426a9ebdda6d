package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.ReentrantAcquireException;
import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.LeaseEnd;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.cure.SecondConnections;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.release.Release;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Threads;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes leases away: those that no thread will release, and those that are held for too long. It costs the session: no
 * one knows what was left in it, and to cut it needs no answer of a server that may be the reason.
 *
 * <p>Thread safety: safe.
 */
final class LeaseRevoker {
    private static final String WHAT_IT_COSTS =
            " Its session is closed, what is not committed is rolled back by the server, and the next lease opens a new"
                    + " session. ";

    private static final long ASKED_FREELY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Longer than a collector takes to mark what is alive, and short beside a thread's timeout. */
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final HoldingSlot slot;
    private final SessionSlot sessions;
    private final Release release;
    private final Events events;
    private final String manager;
    private final Duration releaseTimeout;

    /** Set once: from the first lease on, or when one is lost, or acquired by the thread that has it. */
    private volatile boolean recordsSites;

    private volatile @Nullable Site latestSite;

    // The turn whose lease was looked into last, and when. By any thread that looks.
    private volatile @Nullable Holding lookedInto;
    private volatile long lookedIntoAt;

    /** Where the lease of a turn was acquired. */
    private record Site(Holding turn, Throwable trace) {}

    LeaseRevoker(HoldingSlot slot, SessionSlot sessions, Events events, Options options) {
        this.slot = slot;
        this.sessions = sessions;
        this.release = new Release(options);
        this.events = events;
        this.manager = options.label();
        this.releaseTimeout = options.releaseTimeout();
        this.recordsSites = options.traceLeases();
    }

    /**
     * Records where a lease is acquired that begins now; it costs a stack trace, and so only once somebody had to ask.
     */
    void recordSite(Holding turn) {
        if (recordsSites) {
            latestSite = new Site(turn, new Throwable("acquired here"));
        }
    }

    /** Where the lease of a turn was acquired, if that is recorded, and no other has been acquired since. */
    @Nullable
    Throwable site(Holding turn) {
        Site latest = latestSite;
        return latest != null && latest.turn == turn ? latest.trace : null;
    }

    /** What a thread learns that acquires a lease which it would have to release first. */
    ReentrantAcquireException reentry(Holding turn) {
        FencedConnection lease = turn.lease();
        Throwable site = site(turn);
        boolean holds = lease != null && turn.owner() == Thread.currentThread();
        String first = !holds
                ? "This thread is preparing or ending the lease of " + manager
                : "This thread holds the lease of " + manager + " already: it acquired it "
                        + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - turn.since()) + " ms ago"
                        + (site == null ? "" : " at " + HolderText.place(List.of(site.getStackTrace())))
                        + ", and it is "
                        + HolderText.doing(lease);
        String unknown = "";
        if (site == null && !recordsSites) {
            unknown = " From now on, the place where a lease is acquired is recorded.";
        } else if (site == null && holds) {
            unknown = " Where this lease was acquired is not known: it began before that was recorded.";
        }
        recordsSites = true;
        String cure = SecondConnections.advice(
                new Throwable().getStackTrace(), site == null ? new StackTraceElement[0] : site.getStackTrace());
        return new ReentrantAcquireException(
                first + ". It would wait for itself; nothing was changed. Pass the lease to the code that acquires"
                        + " again, or release it first."
                        + (cure == null ? "" : " " + cure) + unknown,
                site == null ? null : acquisition(turn, site));
    }

    /**
     * What is no error, but where a lease was acquired. It says so itself: many a log and framework shows the root
     * cause alone.
     */
    private Throwable acquisition(Holding turn, Throwable site) {
        Throwable acquired = new Throwable("Thread \"" + Threads.name(turn.owner()) + "\" acquired the lease of "
                + manager + " here, " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - turn.since())
                + " ms before a second one was refused");
        acquired.setStackTrace(
                Stream.of(site.getStackTrace()).dropWhile(HolderText::isOurs).toArray(StackTraceElement[]::new));
        return acquired;
    }

    /** What the holder of a lease that was taken away learns, if it has lost something. */
    static SQLException loss(String message) {
        return new LeaseReleasedException(message, null);
    }

    /** Takes back a lease that was lost, or whose end has broken off, if there is one. Any thread may look. */
    void recoverIfLost() {
        Holding turn = slot.current();
        if (turn == null) {
            return;
        }
        if (turn.showsThatItIsLost() || isToBeLookedInto(turn)) {
            slot.repairIfBrokenOff(turn);
            slot.passOnIfLost(turn);
        }
        if (turn.isCollected()) {
            recover(turn, "nothing refers to it any more");
        }
    }

    /**
     * Whether it is time to ask the lease itself. A collector that works beside the program keeps alive what is asked
     * for meanwhile; so a lease that is held for long is asked less and less often, and one that was lost is collected.
     */
    private boolean isToBeLookedInto(Holding turn) {
        long now = System.nanoTime();
        long held = now - turn.since();
        long pause = Math.min(held / 2, LONGEST_PAUSE_NANOS);
        if (turn == lookedInto && held > ASKED_FREELY_NANOS && now - lookedIntoAt < pause) {
            return false;
        }
        lookedInto = turn;
        lookedIntoAt = now;
        return true;
    }

    /** Takes back a lease that no thread will release. */
    void recover(Holding lost, String why) {
        String message = "A lease of " + manager + " was never released: " + why + ". Thread \""
                + Threads.name(lost.owner()) + "\" acquired it "
                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lost.since())
                + " ms ago." + lastSeen(lost) + WHAT_IT_COSTS
                + "Close leases in try-with-resources, or use withConnection.";
        Throwable site = site(lost);
        if (takeAway(lost, message, false, LeaseEnd.ABANDONED, () -> events.abandoned(lost))) {
            Log.detachedError(
                    "{}{}",
                    message,
                    site == null ? " From now on, the place where a lease is acquired is recorded." : "",
                    site);
            recordsSites = true;
        }
    }

    /**
     * Takes a lease away from its holder.
     *
     * @param option whose bound it exceeds
     */
    void revoke(Holding overdue, String option, String why, String advice) {
        String message = "The lease of " + manager + " was revoked, since thread \"" + Threads.name(overdue.owner())
                + "\" " + why + "." + lastSeen(overdue) + WHAT_IT_COSTS + advice;
        if (takeAway(overdue, message, true, LeaseEnd.REVOKED, () -> events.revoked(overdue, option))) {
            Log.detachedError("{}", message);
        }
    }

    /**
     * Takes a lease away, since somebody says so.
     *
     * @return whether that was done; not, if the turn is over or has no lease yet, or the lease is being released
     * @throws IllegalArgumentException if the reason is null or blank
     */
    boolean revoke(@Nullable Holding turn, String reason) {
        if (reason == null || reason.isBlank()) {
            throw new IllegalArgumentException("reason: must not be null or blank");
        }
        if (turn == null || turn.isPreparing() || slot.current() != turn) {
            return false;
        }
        String message = "The lease of " + manager + ", which thread \"" + Threads.name(turn.owner())
                + "\" had held for " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - turn.since())
                + " ms, was revoked with the reason \"" + reason + "\"." + lastSeen(turn) + WHAT_IT_COSTS
                + "Acquire a new lease.";
        if (!takeAway(turn, message, true, LeaseEnd.REVOKED, () -> events.revoked(turn, reason))) {
            return false;
        }
        Log.detachedWarn("{}", message);
        return true;
    }

    private static String lastSeen(Holding turn) {
        FencedConnection lease = turn.lease();
        return lease == null ? "" : " It was " + HolderText.doing(lease) + ".";
    }

    /** Takes the lease away that is live while the manager is closed. */
    void revokeForClose(Holding last) {
        String message = "The lease of " + manager + " was revoked, since the manager was closed while thread \""
                + Threads.name(last.owner()) + "\" held it. What is not committed is rolled back by the server, and no"
                + " lease can be acquired any more. Release leases before close(), which waits for the releaseTimeout"
                + " of " + releaseTimeout.toMillis() + " ms.";
        if (takeAway(last, message, true, LeaseEnd.REVOKED, () -> {})) {
            Log.detachedWarn("{}", message);
        }
    }

    /**
     * Makes the lease's handles dead, so that they say why, ends what it is doing on the server, and cuts the session.
     * Each step is taken twice, in case an Error breaks it off: the turn must not pass on while a call is under way.
     *
     * @param count counts it, before its holder can notice
     * @return whether it was taken away; not, if the lease is being released
     */
    private boolean takeAway(Holding turn, String why, boolean cancel, LeaseEnd end, Runnable count) {
        Deadline deadline = Deadline.after(releaseTimeout);
        Holding.Seizure seizure = turn.seize(loss(why), end);
        if (seizure == null) {
            return false;
        }
        boolean isCut = false;
        try {
            count.run();
            silence(turn, why, cancel, deadline);
        } finally {
            try {
                silence(turn, why, cancel, deadline);
            } finally {
                try {
                    cut(turn);
                    isCut = true;
                } finally {
                    try {
                        if (!isCut) {
                            cut(turn);
                        }
                    } finally {
                        try {
                            slot.endAfterCut(turn, turn.session());
                        } finally {
                            seizure.over = true;
                        }
                    }
                }
            }
        }
        return true;
    }

    private void silence(Holding turn, String why, boolean cancel, Deadline deadline) {
        FencedConnection lease = turn.lease();
        Session held = turn.session();
        if (lease == null || held == null) {
            return;
        }
        try {
            lease.fence().revoke(why);
        } finally { // also where there is no memory for the reason
            lease.fence().gate().shut();
        }
        if (cancel) {
            release.silence(held, lease.fence(), deadline);
        }
    }

    private void cut(Holding turn) {
        Session held = turn.session();
        if (held != null) {
            sessions.cut(held, CloseReason.REVOKED);
        }
    }
}
