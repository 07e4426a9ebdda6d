package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.internal.session.NoSessionException;
import io.github.pgmanaged.internal.session.OpeningFailure;
import io.github.pgmanaged.internal.session.SessionSlot;
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
        String others = "; " + slot.waiting() + " other threads wait. ";
        if (turn == null || !turn.isPreparing()) {
            Thread holder = turn == null ? null : turn.owner();
            List<StackTraceElement> stack = holder == null ? List.of() : List.of(holder.getStackTrace());
            Duration held = turn == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - turn.since());
            return new AcquireTimeoutException(
                    none(manager, timeout) + held(holder, held, stack) + others
                            + "Hold leases for less time, or raise acquireTimeout.",
                    timeout,
                    holder == null ? null : holder.getName(),
                    held,
                    stack,
                    null);
        }
        // No lease is live: its session is still being made ready.
        OpeningFailure failure = sessions.lastFailure();
        String preparing = sessions.describePreparation();
        return new AcquireTimeoutException(
                none(manager, timeout) + "Thread \"" + turn.owner().getName()
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

    private static String none(String manager, Duration timeout) {
        return "No lease of " + manager + " within " + timeout.toMillis() + " ms; nothing was changed. ";
    }

    private static String held(@Nullable Thread holder, Duration held, List<StackTraceElement> stack) {
        if (holder == null) {
            return "It was changing hands at that moment";
        }
        return "Thread \"" + holder.getName() + "\"" + (holder.isAlive() ? "" : ", which has ended,")
                + " has held it for " + held.toMillis() + " ms" + (stack.isEmpty() ? "" : ", now at " + stack.get(0));
    }
}
