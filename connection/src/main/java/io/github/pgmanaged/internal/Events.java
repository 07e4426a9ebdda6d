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

    /** A thread waited in the queue for so long, and its turn came. */
    default void waited(long nanos) {}

    /** A lease was given out. Called inside the turn. */
    default void leased() {}

    /** A lease was released; the error that its holder was told, or null. */
    default void released(@Nullable SQLException report) {}

    /**
     * A release rolled a transaction back.
     *
     * @param thrown whether the work had thrown; if not, the transaction was left open by mistake
     */
    default void rolledBack(boolean thrown) {}

    /** The answer to a COMMIT was lost. */
    default void commitUnknown() {}

    /** A lease was taken away from a holder who had it for too long, or made no call for too long. */
    default void revoked() {}

    /** A lease that was never released was taken back. */
    default void abandoned() {}

    /** An acquisition was refused, since {@code maxWaiting} threads waited already. */
    default void rejected() {}

    /** An acquisition gave up after its timeout. */
    default void timedOut() {}

    /** An acquisition ended because its thread was interrupted. */
    default void interrupted() {}
}
