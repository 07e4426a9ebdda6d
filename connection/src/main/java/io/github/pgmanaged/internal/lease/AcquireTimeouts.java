package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.session.NoSessionException;
import io.github.pgmanaged.internal.session.OpeningFailure;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.internal.time.Threads;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says why a lease could not be had in time: what held it up, and what to change. */
final class AcquireTimeouts {
    private AcquireTimeouts() {}

    /** The turn did not come in time. */
    static AcquireTimeoutException waitingForTurn(
            String manager, Duration timeout, HoldingSlot slot, SessionSlot sessions) {
        Holding turn = slot.current();
        String others = others(slot.waiting());
        Pause pause = slot.barredFor();
        Holding held = turn == null || turn.isPreparing() ? null : turn;
        if (pause != null && (held == null || pause.soFar().compareTo(timeout.dividedBy(2)) >= 0)) {
            return new AcquireTimeoutException(
                    none(manager, timeout) + "It has been " + pause.describe() + holder(turn) + others
                            + "Call resume() when what it was paused for is done, or raise acquireTimeout.",
                    timeout,
                    held == null ? null : Threads.name(held.owner()),
                    held == null ? Duration.ZERO : heldFor(held),
                    held == null ? List.of() : List.of(held.owner().getStackTrace()),
                    null);
        }
        if (turn == null) {
            return new AcquireTimeoutException(
                    none(manager, timeout) + "It was changing hands at that moment" + others
                            + "Hold leases for less time, or raise acquireTimeout.",
                    timeout,
                    null,
                    Duration.ZERO,
                    List.of(),
                    null);
        }
        if (!turn.isPreparing()) {
            return held(manager, timeout, turn, others);
        }
        // No lease is live: its session is still being made ready.
        OpeningFailure failure = sessions.lastFailure();
        String preparing = sessions.describePreparation();
        if (failure == null && preparing == null && sessions.session() != null) {
            return new AcquireTimeoutException(
                    none(manager, timeout) + "Thread \"" + Threads.name(turn.owner()) + "\" was just getting it"
                            + others + "Hold leases for less time, or raise acquireTimeout.",
                    timeout,
                    Threads.name(turn.owner()),
                    Duration.ZERO,
                    List.of(),
                    null);
        }
        return new AcquireTimeoutException(
                none(manager, timeout) + "Thread \"" + Threads.name(turn.owner())
                        + "\" has the turn, and its session is not ready"
                        + (failure == null ? "" : ": " + failure.describe())
                        + (preparing == null ? "" : "; " + preparing)
                        + others + "Raise acquireTimeout, or see to the server.",
                timeout,
                null,
                Duration.ZERO,
                List.of(),
                failure == null ? null : failure.cause());
    }

    /** The turn came, and no session could be opened in the rest of the time. */
    static AcquireTimeoutException waitingForSession(
            String manager, Duration timeout, NoSessionException e, SessionSlot sessions) {
        SQLException failure = e.lastFailure();
        OpeningFailure known = sessions.lastFailure();
        String doing = e.doing();
        String text = none(manager, timeout) + "No thread holds it, but ";
        if (failure != null) {
            text += "no session could be opened, and the last attempt failed: " + e.lastMessage()
                    + (known == null ? "" : " (" + known.count() + " in a row)")
                    + ". Each lease tries again until its time is up.";
        } else {
            text += "the session was still being opened" + (doing == null ? "" : ": " + doing)
                    + ". That goes on, and the next lease takes the session. Raise acquireTimeout, or set"
                    + " connect_timeout.";
        }
        return new AcquireTimeoutException(text, timeout, null, Duration.ZERO, List.of(), failure);
    }

    private static String holder(@Nullable Holding turn) {
        return turn == null || turn.isPreparing()
                ? ""
                : "; thread \"" + Threads.name(turn.owner()) + "\" got its lease before, and still holds it";
    }

    private static Duration heldFor(Holding turn) {
        return Duration.ofNanos(System.nanoTime() - turn.since());
    }

    private static AcquireTimeoutException held(String manager, Duration timeout, Holding turn, String others) {
        Thread holder = turn.owner();
        FencedConnection lease = turn.lease();
        List<StackTraceElement> stack = List.of(holder.getStackTrace());
        Duration held = heldFor(turn);
        return new AcquireTimeoutException(
                none(manager, timeout) + "Thread \"" + Threads.name(holder) + "\""
                        + (holder.isAlive() ? "" : ", which has ended,") + " has held it for " + held.toMillis() + " ms"
                        + (stack.isEmpty() ? "" : ", now at " + HolderText.place(stack)) + "; "
                        + HolderText.doing(lease) + others + advice(holder, lease, stack),
                timeout,
                Threads.name(holder),
                held,
                stack,
                null);
    }

    /** More time does not help where the holder has ended, or may wait for the thread that waits here. */
    private static String advice(Thread holder, @Nullable FencedConnection lease, List<StackTraceElement> stack) {
        if (!holder.isAlive()) {
            return "If no other thread uses it, a waiting one takes it back after the releaseTimeout. Close leases in"
                    + " try-with-resources, or use withConnection.";
        }
        boolean busy = lease != null && lease.fence().gate().isBusy();
        return !busy && isWaiting(holder.getState()) && !HolderText.isSleeping(stack)
                ? "The holder waits for another thread itself; if for one that wants the lease, neither goes on, and no"
                        + " acquireTimeout is long enough. Pass the lease to the thread that works for its holder, or"
                        + " release it before waiting."
                : "Hold leases for less time, or raise acquireTimeout.";
    }

    private static boolean isWaiting(Thread.State state) {
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING || state == Thread.State.BLOCKED;
    }

    private static String others(int waiting) {
        return switch (waiting) {
            case 0 -> "; no other thread waits. ";
            case 1 -> "; 1 other thread waits. ";
            default -> "; " + waiting + " other threads wait. ";
        };
    }

    private static String none(String manager, Duration timeout) {
        return "No lease of " + manager + " within " + timeout.toMillis() + " ms; nothing was changed. ";
    }
}
