package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.LeaseEnd;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.release.Loss;
import io.github.pgmanaged.internal.release.Release;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.internal.time.Deadline;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The place of the one turn. It alone begins turns and ends them; what else a turn's end brings about (the session
 * settled, counted, closed) happens here, too.
 *
 * <p>A turn ends exactly once, in one atomic step of the turnstile's. A thread that breaks off on the way there, by an
 * Error, leaves a mark, and the next thread that looks ends the turn in its place.
 *
 * <p>Thread safety: safe.
 */
final class HoldingSlot {
    private static final long BRIEF_TURN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private final String manager;

    /** What calls on a lease learn whose session was lost. Made before: there may be little stack when it is needed. */
    private final String lost;

    private final Turnstile<Holding> turnstile;
    private final SessionSlot sessions;
    private final Release release;
    private final Events events;
    private final Duration releaseTimeout;

    /** Set by any thread, acted upon and cleared by the one that has the turn. */
    private volatile boolean resetRequested;

    HoldingSlot(Options options, SessionSlot sessions, Events events) {
        this.manager = options.label();
        this.lost =
                "The session of " + manager + " was lost while this lease was held; the call did not reach the server."
                        + " Acquire a new lease, which opens a new session.";
        this.turnstile = new Turnstile<>(options.maxWaiting());
        this.sessions = sessions;
        this.release = new Release(options);
        this.events = events;
        this.releaseTimeout = options.releaseTimeout();
        sessions.pauseWhile(() -> turnstile.barredFor() != null);
    }

    /** The turn that is under way; null if none is. */
    @Nullable
    Holding current() {
        return turnstile.occupant();
    }

    /** How long the first in the queue has waited; 0 if none waits. */
    long firstWaitNanos() {
        return turnstile.waiting() == 0 ? 0 : turnstile.firstWaitNanos(System.nanoTime());
    }

    int waiting() {
        return turnstile.waiting();
    }

    // --- beginning ----------------------------------------------------------------------------------------------

    /** A turn of this thread, not begun yet: whatever happens then, the thread knows what it has to end. */
    Holding newTurn(FencedConnection lease) {
        return new Holding(this, lease, false);
    }

    /** The same, for a turn in which no lease begins, and which is over soon. */
    Holding newBriefTurn() {
        return new Holding(this, null, true);
    }

    /** Begins a turn if that takes no waiting. */
    boolean tryBegin(Holding turn) {
        if (!turnstile.tryEnter(turn)) {
            return false;
        }
        turn.begun = true;
        return true;
    }

    /**
     * Waits for a turn, and begins it.
     *
     * @return whether it came in time
     */
    boolean begin(Holding turn, long timeoutNanos, Turnstile.Lookout lookout)
            throws InterruptedException, Turnstile.FullException {
        if (!turnstile.enter(turn, timeoutNanos, lookout)) {
            return false;
        }
        turn.begun = true;
        return true;
    }

    /**
     * Begins a turn if that takes no waiting; in a pause, too, in which only the question for a COMMIT opens a session.
     */
    boolean tryBeginAside(Holding turn) {
        if (!turnstile.tryEnterAside(turn)) {
            return false;
        }
        turn.begun = true;
        return true;
    }

    /**
     * As {@link #begin}, for a turn that does something for others, or ends what a holder began: in a pause, too, and
     * who waits for it does not count.
     *
     * @return whether it came in time
     */
    boolean beginAside(Holding turn, long timeoutNanos, Turnstile.Lookout lookout) throws InterruptedException {
        if (!turnstile.enterAside(turn, timeoutNanos, lookout)) {
            return false;
        }
        turn.begun = true;
        return true;
    }

    /**
     * Begins the last turn, which no thread ends.
     *
     * @return whether it has begun; not, if the turn under way did not end in time
     */
    boolean beginLast(long timeoutNanos) {
        return turnstile.close(new Holding(this, null, false), timeoutNanos);
    }

    // --- pauses -------------------------------------------------------------------------------------------------

    /** From now on no turn begins, but aside; whether this has brought that about. */
    boolean bar(Pause pause) {
        boolean barred = turnstile.bar(pause);
        sessions.paused();
        return barred;
    }

    /** Turns begin again; what it was paused for, or null. */
    @Nullable
    Pause lift() {
        return turnstile.lift();
    }

    /** The pause that is under way; null if none is. */
    @Nullable
    Pause barredFor() {
        return turnstile.barredFor();
    }

    // --- ending -------------------------------------------------------------------------------------------------

    /** Ends a turn, if it has begun and is not over. A reset that was asked for meanwhile is done now. */
    void end(Holding turn) {
        try {
            if (turnstile.leave(turn)) {
                events.ended(turn);
            }
        } finally {
            if (resetRequested) {
                resetIfFree();
            }
        }
    }

    /**
     * Ends a turn whose session was to be cut. Not, if that broke off and the session could still go on to the next
     * lease: where memory or stack is short, one Error follows another. Then whoever comes by repairs it.
     */
    void endAfterCut(Holding turn, @Nullable Session held) {
        if (held == null || held.isClosed() || sessions.session() != held) {
            end(turn);
        }
    }

    /** Settles the session after a lease, and ends the turn, whatever happens. The caller has claimed it. */
    void release(Holding turn, FencedConnection released, @Nullable Throwable thrown, boolean workSeen)
            throws SQLException {
        boolean interrupted = Thread.interrupted(); // kept for later, as Interrupts does, but without an object
        try {
            releaseUninterrupted(turn, released, thrown, workSeen);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @SuppressWarnings("Finally") // thrown on is what was thrown
    private void releaseUninterrupted(
            Holding turn, FencedConnection released, @Nullable Throwable thrown, boolean workSeen) throws SQLException {
        Session held = Objects.requireNonNull(turn.session()); // there before the lease
        Release.@Nullable Outcome outcome = null;
        boolean toClose = false;
        boolean settled = false;
        turn.endsAs(LeaseEnd.FAILED);
        try {
            outcome = settle(held, released, thrown, workSeen);
            toClose = outcome.session() == Release.After.TO_CLOSE;
            settled = true;
            turn.endsAs(endOf(outcome));
        } finally {
            try {
                if (!settled) {
                    silenceAndCut(held, released);
                }
            } finally {
                try {
                    if (settled) {
                        end(turn);
                    } else {
                        endAfterCut(turn, held);
                    }
                } finally { // the turn has passed on: what takes its time may do so now
                    if (toClose) {
                        try {
                            held.close();
                        } catch (RuntimeException | Error e) {
                            held.cut();
                            throw e;
                        }
                    }
                }
            }
        }
        outcome.log().write();
        if (outcome.report() != null) {
            throw outcome.report();
        }
    }

    private static LeaseEnd endOf(Release.Outcome outcome) {
        if (outcome.rolledBack()) {
            return LeaseEnd.ROLLED_BACK;
        }
        return outcome.report() == null ? LeaseEnd.RELEASED : LeaseEnd.FAILED;
    }

    private Release.Outcome settle(
            Session held, FencedConnection released, @Nullable Throwable thrown, boolean workSeen) {
        boolean reset = resetRequested;
        if (reset) { // known to the release, so that what it reports is so
            released.closeOnRelease();
        }
        Release.Outcome outcome = release.settle(held, released, thrown, workSeen);
        switch (outcome.session()) {
            case KEPT -> {}
            case TO_CLOSE -> sessions.detach(held, reset ? CloseReason.RESET : CloseReason.RELEASE);
            case CUT -> sessions.detach(held, CloseReason.RELEASE_FAILED);
        }
        countCommitUnknown(released);
        if (outcome.rolledBack()) {
            events.rolledBack(thrown != null);
        }
        events.released(outcome.report());
        return outcome;
    }

    /** What a release reports of a lease whose turn has passed on before. */
    @Nullable
    SQLException reportOfPassedOn(
            FencedConnection released, @Nullable SQLException takenAway, @Nullable Throwable thrown, boolean workSeen) {
        return release.reportOfPassedOn(released, takenAway, thrown, workSeen);
    }

    /**
     * Passes the turn on if its session is gone, or has to be: the lease is dead, and its holder may never let it go.
     */
    void passOnIfLost(Holding turn) {
        Session held = turn.session();
        FencedConnection lease = turn.lease();
        if (held == null
                || lease == null
                || !(held.isClosed() || lease.fence().seen().isSessionOver())) {
            return;
        }
        Holding.Seizure seizure = turn.seize(null, LeaseEnd.LOST);
        if (seizure == null) {
            return;
        }
        try {
            lease.fence().lost(lost);
        } finally { // the session may be alive, in the middle of a message: nothing of it must be left to the next
            try {
                lease.fence().gate().shut();
            } finally {
                try {
                    cutAndEnd(turn, held, lease);
                } finally {
                    seizure.over = true;
                }
            }
        }
        tellOfLoss(turn.owner(), lease);
    }

    private void cutAndEnd(Holding turn, Session held, FencedConnection lease) {
        boolean isCut = false;
        try {
            countCommitUnknown(lease);
        } finally {
            try {
                sessions.cut(held, CloseReason.LOST);
                isCut = true;
            } finally {
                try {
                    if (!isCut) {
                        sessions.cut(held, CloseReason.LOST);
                    }
                } finally {
                    endAfterCut(turn, held);
                }
            }
        }
    }

    private void tellOfLoss(Thread owner, FencedConnection lease) {
        Log.Later log = new Log.Later();
        Loss.underLease(manager, lease.fence().seen().fatal(), null).tell(log, manager, lease);
        if (owner == Thread.currentThread()) {
            log.write();
        } else {
            log.writeDetached();
        }
    }

    void countCommitUnknown(FencedConnection lease) {
        if (lease.fence().seen().isCommitUnknown()) {
            events.commitUnknown();
        }
    }

    /** Until when a holder waits for the thread that is taking its lease away. */
    Deadline seizureDeadline() {
        return Deadline.after(releaseTimeout);
    }

    /** Ends a turn whose own end has broken off, in the middle of who knows what: it costs the session. */
    void repairIfBrokenOff(Holding turn) {
        if (!turn.isBrokenOff() || current() != turn) {
            return;
        }
        Holding.Seizure seizure = turn.seizeBrokenOff(LeaseRevoker.loss("The release of a lease of " + manager
                + " was broken off by an Error; its session is closed, and what was not committed is rolled back by"
                + " the server."));
        if (seizure == null) {
            return;
        }
        Session held = null;
        boolean known = false;
        try {
            held = turn.session();
            if (held == null && turn.begun) { // else it was passed on to a thread that had given up, and did nothing
                held = sessions.session();
            }
            known = true;
            if (held != null) {
                silenceAndCut(held, turn.lease());
            }
        } finally {
            try {
                if (known) {
                    endAfterCut(turn, held);
                }
            } finally {
                seizure.over = true;
            }
        }
    }

    private void silenceAndCut(Session held, @Nullable FencedConnection lease) {
        try {
            if (lease != null) {
                release.silence(held, lease.fence());
            }
        } finally {
            sessions.cut(held, CloseReason.RELEASE_FAILED);
        }
    }

    // --- resets -------------------------------------------------------------------------------------------------

    /** Closes the session: at once if no lease is live, else when it ends. */
    void reset() {
        resetRequested = true;
        resetIfFree();
        resetAfterBriefTurns();
    }

    /** A turn in which no lease begins is over soon. If it takes long, the session is closed when it ends. */
    private void resetAfterBriefTurns() {
        Thread thread = Thread.currentThread();
        Deadline deadline = Deadline.afterNanos(BRIEF_TURN_NANOS);
        while (resetRequested
                && isSoonFree(current(), thread)
                && !sessions.isOpening(thread) // for which that turn may wait
                && !thread.isInterrupted()
                && !deadline.isOver()) {
            LockSupport.parkNanos(this, LOOK_NANOS);
            resetIfFree();
        }
    }

    private static boolean isSoonFree(@Nullable Holding inside, Thread thread) {
        return inside == null || (inside.brief && inside.owner() != thread);
    }

    @SuppressWarnings("Finally") // thrown on is what was thrown
    private void resetIfFree() {
        boolean begun = true;
        while (resetRequested && begun) {
            Holding turn = newBriefTurn();
            @Nullable Session old = null;
            try {
                begun = tryBeginAside(turn);
                old = begun ? takeForReset() : null;
            } finally {
                try {
                    turnstile.leave(turn);
                } finally {
                    turn.givenUp = true;
                    if (old != null) { // and the turn is free while the server is told
                        try {
                            old.close();
                        } catch (RuntimeException | Error e) {
                            old.cut();
                            throw e;
                        }
                    }
                }
            }
        }
    }

    /** In a turn: closes the session, if that was asked for. */
    void resetInTurn() {
        Session old = takeForReset();
        if (old != null) {
            try {
                old.closeInTurn();
            } catch (RuntimeException | Error e) {
                old.cut();
                throw e;
            }
        }
    }

    /** Has the session replaced, if that was asked for: the caller has the turn, and closes the old one. */
    private @Nullable Session takeForReset() {
        if (!resetRequested) {
            return null;
        }
        Session known = sessions.session();
        boolean cleared = false;
        try {
            Session old = sessions.clear(CloseReason.RESET);
            resetRequested = false; // not before: a thread that sees it so takes the session to be out of its place
            cleared = true;
            return old;
        } finally {
            if (!cleared && known != null) { // out of its place already, perhaps, and nobody else would close it
                sessions.cut(known, CloseReason.RESET);
            }
        }
    }
}
