package io.github.pgmanaged.internal;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * All that happens to a manager, a method each, called in one place each. It costs nothing that nobody asked for: a
 * duration is given where a time stamp is taken anyway.
 *
 * <p>Thread safety: implementations are called by any thread, some of them inside the turn, and must neither block nor
 * throw.
 */
public interface Events {
    /** A session was opened, which took so long. */
    default void opened(long nanos) {}

    /** An attempt to open a session failed, after so long. */
    default void openingFailed(Throwable failure, long nanos) {}

    /** A session was closed. */
    default void closed(CloseReason reason) {}

    /** An idle session did not pass its validation; it is closed next. */
    default void validationFailed() {}

    /** A thread begins to wait in the queue for a lease; {@link #waited} or {@link #rejected} follows. */
    default void waiting() {}

    /** A thread waited in the queue for so long, until its turn came, or until it gave up; once for an acquisition. */
    default void waited(long nanos, boolean inVain) {}

    /**
     * The thread has waited once more for the same acquisition, since a pause kept it from opening the session.
     *
     * @param nanos for so long this time
     * @param altogether for so long with the times before
     * @param inVain whether no turn came
     */
    default void waitedAgain(long nanos, long altogether, boolean inVain) {}

    /**
     * A lease was given out. Called inside the turn.
     *
     * @param begun when its acquisition began, by {@link System#nanoTime()}
     */
    default void leased(long begun) {}

    /**
     * A lease was released; the error that its holder was told, or null. Called inside the turn, before {@link #ended}.
     */
    default void released(@Nullable SQLException report) {}

    /**
     * A release rolled a transaction back.
     *
     * @param thrown whether the work had thrown; if not, the transaction was left open by mistake
     */
    default void rolledBack(boolean thrown) {}

    /** The turn of a lease is over, however it ended; once for each. Called when it has passed on. */
    default void ended(Tenancy lease) {}

    /** The answer to a COMMIT was lost. */
    default void commitUnknown() {}

    /**
     * A lease was taken away from its holder.
     *
     * @param reason the option whose bound it exceeded, or what the caller of {@code revoke} has given
     */
    default void revoked(Tenancy lease, String reason) {}

    /** A lease that was never released was taken back. */
    default void abandoned(Tenancy lease) {}

    /** The manager was paused for so long, and is not any more. */
    default void resumed(long nanos) {}

    /** An acquisition was refused, since its thread has the lease already. */
    default void reentered() {}

    /** An acquisition was refused, since {@code maxWaiting} threads waited already. */
    default void rejected() {}

    /** An acquisition gave up after its timeout, and so long. */
    default void timedOut(long nanos) {}

    /** An acquisition ended because its thread was interrupted. */
    default void interrupted() {}
}
