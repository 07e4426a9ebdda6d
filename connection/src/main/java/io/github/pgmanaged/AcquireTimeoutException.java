package io.github.pgmanaged;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * No lease could be had in time. The message names the thread that holds the lease, for how long, and where it is now;
 * or what keeps the session from being ready, with the last failure to open it as the cause. SQLState 08001.
 */
public final class AcquireTimeoutException extends SQLTransientConnectionException {
    private static final long serialVersionUID = 1L;

    private final Duration timeout;
    private final @Nullable String holder;
    private final Duration heldFor;
    private final transient List<StackTraceElement> holderStack;

    /**
     * Creates the exception.
     *
     * @param message what held the acquisition up, and what to change
     * @param timeout how long was waited
     * @param holder the name of the thread that acquired the live lease; null if none is live
     * @param heldFor how long the live lease has been held; zero if none is live
     * @param holderStack where the thread is that acquired the live lease; empty if unknown
     * @param lastFailure why no session could be opened; null if that is not the reason
     */
    public AcquireTimeoutException(
            String message,
            Duration timeout,
            @Nullable String holder,
            Duration heldFor,
            List<StackTraceElement> holderStack,
            @Nullable SQLException lastFailure) {
        super(message, "08001", lastFailure);
        this.timeout = timeout;
        this.holder = holder;
        this.heldFor = heldFor;
        this.holderStack = List.copyOf(holderStack);
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
     * The thread that acquired the live lease.
     *
     * @return its name, or {@code null} if the lease changed hands at the very moment of the timeout, or its session is
     *     not ready
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
}
