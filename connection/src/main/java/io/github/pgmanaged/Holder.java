package io.github.pgmanaged;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Who has the lease, as of one moment: a snapshot that {@link ManagedConnection#holder()} takes. It keeps neither the
 * lease nor anything that came from it alive.
 *
 * <p>{@code toString()} is one line for an operator, for example {@code Thread "worker-3" has held the lease for 1204
 * ms; idle in a transaction after: UPDATE account SET ...}.
 *
 * <p>Thread safety: immutable; nothing blocks but {@link #revoke}. Implemented by the library alone.
 */
public interface Holder {
    /**
     * The thread that acquired the lease. It may have handed the lease on, or have ended.
     *
     * @return the thread
     */
    Thread thread();

    /**
     * When the lease was acquired.
     *
     * @return that moment, by the wall clock of the snapshot less {@link #heldFor()}
     */
    Instant since();

    /**
     * How long the lease had been held.
     *
     * @return the time since it was acquired
     */
    Duration heldFor();

    /**
     * How long the lease had said nothing to the server: since its last statement, commit or rollback ended, or since
     * it was acquired. To read rows that the driver has already is no statement.
     *
     * @return that time; zero if a call was under way
     */
    Duration idleFor();

    /**
     * What the lease is doing, or did last: a statement, shortened, and cut after the word PASSWORD.
     *
     * @return the statement; empty if there was none yet, or nothing refers to the lease any more
     */
    Optional<String> statement();

    /**
     * Where the lease was acquired. Known with {@code traceLeases}; without it, from the first time on that a lease was
     * lost or a thread acquired twice.
     *
     * @return the stack of then, innermost call first; empty if it is not known
     */
    List<StackTraceElement> acquiredAt();

    /**
     * Where {@link #thread()} is now, and not as of the snapshot: it may hold no lease any more.
     *
     * @return its stack, innermost call first; empty if the thread has ended
     */
    List<StackTraceElement> stack();

    /**
     * Takes this lease away, as {@link ManagedConnection#revoke} does, and never the one after it.
     *
     * @param reason for the holder, who reads it in the exception
     * @return whether it was taken away; {@code false} if it is over, or being released
     * @throws IllegalArgumentException if the reason is null or blank
     */
    boolean revoke(String reason);
}
