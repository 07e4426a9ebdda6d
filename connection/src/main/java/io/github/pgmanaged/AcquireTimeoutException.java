package io.github.pgmanaged;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * No lease could be had in time. It says who holds the lease, for how long, and where that thread is now; or that
 * nobody does and the session could not be opened, with the last failure as its cause. SQLState 08001.
 */
public final class AcquireTimeoutException extends SQLTransientConnectionException {
    private static final long serialVersionUID = 1L;

    private final Duration timeout;
    private final @Nullable String holder;
    private final Duration heldFor;
    private final transient List<StackTraceElement> holderStack;

    AcquireTimeoutException(
            String manager, Duration timeout, int othersWaiting, @Nullable Thread holder, Duration heldFor) {
        this(
                manager,
                timeout,
                othersWaiting,
                holder,
                heldFor,
                holder == null ? List.of() : List.of(holder.getStackTrace()));
    }

    private AcquireTimeoutException(
            String manager,
            Duration timeout,
            int othersWaiting,
            @Nullable Thread holder,
            Duration heldFor,
            List<StackTraceElement> holderStack) {
        super(message(manager, timeout, othersWaiting, holder, heldFor, holderStack), "08001");
        this.timeout = timeout;
        this.holder = holder == null ? null : holder.getName();
        this.heldFor = heldFor;
        this.holderStack = holderStack;
    }

    /** The lease was free, but no session could be opened in time. */
    AcquireTimeoutException(String manager, Duration timeout, @Nullable SQLException lastFailure) {
        super(
                "No lease of " + manager + " within " + timeout.toMillis() + " ms: nobody holds it, but "
                        + (lastFailure == null
                                ? "the session was still being opened. That goes on, and the next lease takes the"
                                        + " session. Raise acquireTimeout, or set connect_timeout."
                                : "no session could be opened, and the last attempt failed: " + lastFailure.getMessage()
                                        + ". Each lease tries again until its time is up."),
                "08001",
                lastFailure);
        this.timeout = timeout;
        this.holder = null;
        this.heldFor = Duration.ZERO;
        this.holderStack = List.of();
    }

    /**
     * How long was waited.
     *
     * @return the timeout that passed
     */
    public Duration timeout() {
        return timeout;
    }

    /**
     * Who acquired the live lease.
     *
     * @return the thread's name, or {@code null} if the lease changed hands at the very moment of the timeout, or
     *     nobody holds it and the session cannot be opened
     */
    public @Nullable String holder() {
        return holder;
    }

    /**
     * How long the live lease has been held.
     *
     * @return the time since it was acquired; zero if {@link #holder()} is {@code null}
     */
    public Duration heldFor() {
        return heldFor;
    }

    /**
     * Where the thread that acquired the live lease was when the timeout passed.
     *
     * @return its stack, innermost call first; empty if unknown, if the thread has ended, or after deserialization
     */
    public List<StackTraceElement> holderStack() {
        return holderStack == null ? List.of() : holderStack;
    }

    private static String message(
            String manager,
            Duration timeout,
            int othersWaiting,
            @Nullable Thread holder,
            Duration heldFor,
            List<StackTraceElement> holderStack) {
        StringBuilder text = new StringBuilder("No lease of ")
                .append(manager)
                .append(" within ")
                .append(timeout.toMillis())
                .append(" ms; nothing was changed. ");
        if (holder == null) {
            text.append("It was changing hands at that moment");
        } else {
            text.append("Held for ")
                    .append(heldFor.toMillis())
                    .append(" ms by thread \"")
                    .append(holder.getName());
            text.append(holder.isAlive() ? "\"" : "\", which has ended");
            if (!holderStack.isEmpty()) {
                text.append(", now at ").append(holderStack.get(0));
            }
        }
        return text.append("; ")
                .append(othersWaiting)
                .append(" other threads wait. Hold leases for less time, or raise acquireTimeout.")
                .toString();
    }
}
