package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.internal.time.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a manager is paused, drained, and goes on. While it is paused the turnstile is barred, and no attempt to open a
 * session is begun. What comes aside does something for others (messages, a drain) or is a holder's unfinished
 * business, the question for a COMMIT, which alone opens a session in a pause.
 *
 * <p>Thread safety: safe.
 */
final class Pausing {
    private static final long GLANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final HoldingSlot slot;
    private final SessionSlot sessions;
    private final HolderMonitor monitor;
    private final Events events;
    private final Consumer<Holding> giveUp;
    private final BooleanSupplier closed;
    private final Options options;

    /** The last pause in which the session was closed by a drain. Written in the drain's turn. */
    private volatile @Nullable Pause drained;

    /**
     * Not paused.
     *
     * @param giveUp ends a turn in which no lease has begun
     * @param closed whether the manager is, or is being closed
     */
    Pausing(
            HoldingSlot slot,
            SessionSlot sessions,
            HolderMonitor monitor,
            Events events,
            Consumer<Holding> giveUp,
            BooleanSupplier closed,
            Options options) {
        this.slot = slot;
        this.sessions = sessions;
        this.monitor = monitor;
        this.events = events;
        this.giveUp = giveUp;
        this.closed = closed;
        this.options = options;
    }

    void pause() {
        if (slot.bar(new Pause(options.wallClock().instant(), System.nanoTime()))) {
            Log.detachedInfo("{} is paused, and gives out no lease until it is resumed", options.label());
        }
    }

    void resume() {
        Pause over = slot.lift();
        if (over != null) {
            long nanos = over.soFar().toNanos();
            events.resumed(nanos);
            Log.detachedInfo(
                    "{} goes on after a pause of {} ms",
                    options.label(),
                    Duration.ofNanos(nanos).toMillis());
        }
    }

    /**
     * Pauses, waits for the turn that is under way, closes the session, and waits for what others are closing, and for
     * attempts to open one. Of a manager that is closed, or is closed meanwhile, it only waits for that.
     *
     * @return whether there is no connection any more
     * @throws IllegalStateException if this thread would wait for itself
     */
    boolean drain(Duration timeout) {
        Deadline deadline = Deadline.after(timeout);
        if (!closed.getAsBoolean()) {
            refuseToWaitForItself();
            pause();
            if (!closeSession(deadline) && !closed.getAsBoolean()) {
                return false;
            }
        }
        return awaitVacancy(deadline);
    }

    /** Whether a pause has no session, since it was drained. */
    boolean isDrained(Pause pause) {
        return pause.equals(drained);
    }

    /** Whether there is no connection, in time; not, if the manager is resumed meanwhile. */
    private boolean awaitVacancy(Deadline deadline) {
        Thread thread = Thread.currentThread();
        while (!sessions.isVacant()) {
            if ((slot.barredFor() == null && !closed.getAsBoolean())
                    || deadline.isOver()
                    || thread.isInterrupted()
                    || isInItsOwnWay(thread)) {
                return false;
            }
            LockSupport.parkNanos(this, Math.min(GLANCE_NANOS, Math.max(1, deadline.left())));
        }
        return true;
    }

    /** Of a manager that is being closed; its last turn is nobody's. */
    private boolean isInItsOwnWay(Thread thread) {
        Holding turn = slot.current();
        return sessions.isOpening(thread) || (turn != null && !turn.isPreparing() && turn.wouldWaitForItself(thread));
    }

    @SuppressWarnings("Finally") // thrown on is what was thrown
    private boolean closeSession(Deadline deadline) {
        Holding turn = slot.newBriefTurn();
        @Nullable Session old = null;
        boolean cleared = false;
        try {
            boolean begun = slot.tryBeginAside(turn) || slot.beginAside(turn, deadline.left(), monitor);
            Pause pause = begun ? slot.barredFor() : null; // asked once: another may follow at any moment
            if (pause != null) { // else it was resumed meanwhile, and the session is the next lease's
                old = sessions.session();
                Session last = sessions.clear(CloseReason.DRAINED);
                old = last == null ? old : last; // it may have come in between
                drained = pause;
                cleared = true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Turnstile.ClosedException e) { // and the session goes with the manager
            return true;
        } finally {
            try {
                giveUp.accept(turn);
            } finally {
                turn.givenUp = true;
                if (old != null) { // and the turn is over while the server is told
                    try {
                        old.close();
                    } catch (RuntimeException | Error e) {
                        old.cut();
                        throw e;
                    }
                }
            }
        }
        return cleared;
    }

    private void refuseToWaitForItself() {
        Holding turn = slot.current();
        Thread thread = Thread.currentThread();
        if ((turn != null && turn.wouldWaitForItself(thread)) || sessions.isOpening(thread)) {
            throw new IllegalStateException("This thread has the lease of " + options.label()
                    + ", and to drain it would wait for itself; nothing was changed. Release the lease first, drain in"
                    + " another thread, or call pause(), which does not wait.");
        }
    }
}
