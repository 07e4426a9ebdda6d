package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.conninfo.ConnectFailedException;
import io.github.pgmanaged.internal.fence.ErrorStanding;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt to open a session failed. The exception is asked once, by the thread that opens: it may be foreign
 * code, which blocks, and other threads go by the answers.
 *
 * <p>Thread safety: immutable.
 *
 * @param error what was thrown
 * @param message what it says
 * @param state its SQLState; null if it has none
 * @param mayPass whether it may be otherwise a moment later
 */
record AttemptFailure(
        Throwable error, String message, @Nullable String state, boolean mayPass) {
    /** Asks an exception. */
    static AttemptFailure of(Throwable error) {
        return error instanceof SQLException failure
                ? new AttemptFailure(error, Throwables.message(error), Throwables.sqlState(failure), mayPass(failure))
                : new AttemptFailure(error, Throwables.message(error), null, false);
    }

    /** An exception that is asked nothing. */
    static AttemptFailure unasked(Throwable error) {
        return new AttemptFailure(error, error.getClass().getName(), null, false);
    }

    /**
     * Whether it may be otherwise a moment later: the server is not there, is starting up, is full, or is not yet the
     * one that {@code target_session_attrs} asks for. A password does not become right by waiting.
     */
    private static boolean mayPass(SQLException failure) {
        if (failure instanceof ConnectFailedException several) {
            return several.attempts().stream().anyMatch(attempt -> isTransient(attempt.exception()));
        }
        return failure instanceof SQLNonTransientConnectionException
                ? Throwables.causeOf(failure) instanceof SQLException cause
                        && ErrorStanding.of(cause) == ErrorStanding.FATAL
                : isTransient(failure);
    }

    private static boolean isTransient(SQLException failure) {
        String state = Throwables.sqlState(failure);
        return state != null && (state.startsWith("08") || state.startsWith("53") || state.startsWith("57P0"));
    }

    /** The failure as one of a database. */
    SQLException asSqlException() {
        return Throwables.asSqlException(error, message);
    }
}
