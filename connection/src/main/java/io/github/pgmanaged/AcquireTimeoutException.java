package io.github.pgmanaged;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An acquisition timed out. The message names the thread that holds the lease, for how long, and where that thread is
 * now. If the session is not ready, it says why instead: the last failure to open it, which is also the cause, and
 * since when opening has failed. SQLState 08001.
 */
public final class AcquireTimeoutException extends SQLTransientConnectionException {
    private static final long serialVersionUID = 1L;

    /** How long the thread waited. */
    private final Duration timeout;

    /** The name of the thread that acquired the live lease; null if there is none. */
    private final @Nullable String holder;

    /** How long the live lease has been held; zero if there is none. */
    private final Duration heldFor;

    private final transient List<StackTraceElement> holderStack;

    /**
     * Creates the exception.
     *
     * @param message what blocked the acquisition, and what to change
     * @param timeout how long the thread waited
     * @param holder the name of the thread that acquired the live lease; null if there is none
     * @param heldFor how long the live lease has been held; zero if there is none
     * @param holderStack the stack of the thread that acquired the live lease; empty if unknown
     * @param lastFailure the last failure to open a session; null if that is not the reason
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
     * How long the thread waited.
     *
     * @return the timeout that passed
     */
    public Duration timeout() {
        return timeout;
    }

    /**
     * The thread that acquired the live lease.
     *
     * @return its name, or its number if it has none; {@code null} if the lease changed hands at the moment of the
     *     timeout, or its session is not ready
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
     * The stack of the thread that acquired the live lease, as of the timeout.
     *
     * @return the stack, innermost call first; empty if unknown, if the thread has ended, or after deserialization
     */
    public List<StackTraceElement> holderStack() {
        return holderStack == null ? List.of() : holderStack;
    }
}
