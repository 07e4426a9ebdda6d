package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.AcquireInterruptedException;
import io.github.pgmanaged.AcquireRejectedException;
import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What a database error says about the session. The order is that of severity. */
public enum ErrorStanding {
    /** No error. */
    NONE,
    /** An error that leaves the session sound, as a violated constraint does. */
    HEALTHY,
    /** Nobody knows. */
    UNKNOWN,
    /** The session is over. */
    FATAL;

    /** The server's severities that end a session. They are translated, so the codes below back them up. */
    private static final Set<String> FATAL_SEVERITIES = Set.of("FATAL", "PANIC");

    /**
     * admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_session_timeout; idle in, transaction.
     */
    private static final Set<String> FATAL_STATES =
            Set.of("57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04");

    /** Codes that pgjdbc gives to what it did not expect itself. */
    private static final Set<String> UNKNOWN_STATES = Set.of("", "99999", "58030", "60000");

    /** The worse of two. */
    public ErrorStanding or(ErrorStanding other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /**
     * Judges an error.
     *
     * @param error what was raised, by a call on the lease or by the lease's holder
     * @return where the session stands after it
     */
    public static ErrorStanding of(SQLException error) {
        if (error instanceof LeaseReleasedException
                || error instanceof AcquireTimeoutException
                || error instanceof AcquireInterruptedException
                || error instanceof AcquireRejectedException) {
            return HEALTHY; // of class 08, but raised before anything reached the session
        }
        ServerErrorMessage server = serverMessage(error);
        String state = Throwables.sqlState(error);
        if (server != null) {
            String severity = server.getSeverity();
            if ("ERROR".equals(severity)) {
                return HEALTHY; // a function may raise any state, as those that connect to other servers do
            }
            return (severity != null && FATAL_SEVERITIES.contains(severity)) || isFatal(state) ? FATAL : HEALTHY;
        }
        if (state == null || UNKNOWN_STATES.contains(state)) {
            return UNKNOWN;
        }
        return isFatal(state) ? FATAL : HEALTHY;
    }

    /**
     * Whether an error can be judged without asking foreign code, which may block: its class is the JDK's, pgjdbc's or
     * ours.
     */
    public static boolean isKnown(SQLException error) {
        Class<?> type = error.getClass();
        return type.getModule() == SQLException.class.getModule()
                || type.getPackage() == PSQLException.class.getPackage()
                || type.getPackage() == LeaseReleasedException.class.getPackage();
    }

    /** Whether it was the server that raised an error, and not the driver or somebody around it. */
    static boolean isServersWord(SQLException error) {
        return serverMessage(error) != null;
    }

    /** Whether the server said itself, in words that are not translated, that the session is over. */
    static boolean isServersEnd(SQLException error) {
        ServerErrorMessage server = serverMessage(error);
        return server != null
                && (FATAL_SEVERITIES.contains(String.valueOf(server.getSeverity()))
                        || FATAL_STATES.contains(String.valueOf(Throwables.sqlState(error))));
    }

    private static boolean isFatal(@Nullable String state) {
        return state != null && (state.startsWith("08") || FATAL_STATES.contains(state));
    }

    private static @Nullable ServerErrorMessage serverMessage(SQLException error) {
        if (error instanceof PSQLException driverError) {
            return driverError.getServerErrorMessage();
        }
        // pgjdbc's batch error repeats the state of the error that it carries.
        return error instanceof BatchUpdateException && Throwables.causeOf(error) instanceof PSQLException cause
                ? cause.getServerErrorMessage()
                : null;
    }
}
