package io.github.pgmanaged.internal.release;

import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.fence.CallLog;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.fence.SqlText;
import io.github.pgmanaged.internal.time.Threads;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a session was lost under a lease: what the holder learns at the release, and the log, once.
 *
 * @param report how the holder's report begins
 * @param how for the log, which says already that the session is lost; empty if only the error tells
 * @param why what ended the session
 * @param cause an error that nobody has seen yet. One that a call of the lease has raised is none: the report may be
 *     suppressed onto it, and causes must not go in a circle
 */
public record Loss(
        String report,
        String how,
        CallLog.@Nullable Fatal why,
        @Nullable SQLException cause) {

    /** A call found out, or the driver knows. */
    public static Loss underLease(String manager, CallLog.@Nullable Fatal why, @Nullable SQLException cause) {
        return new Loss("The session of " + manager + " was lost while the lease was held", "", why, cause);
    }

    /** What the lease was doing could not be ended. */
    static Loss notInTime(String manager, Duration timeout, CallLog.@Nullable Fatal why, @Nullable SQLException cause) {
        String end =
                ", or the request to cancel it, did not end within the releaseTimeout of " + timeout.toMillis() + " ms";
        return new Loss("A call on the lease of " + manager + end, "a call" + end, why, cause);
    }

    /** Its transaction could not be ended. */
    static Loss rollbackFailed(String manager, @Nullable SQLException trouble) {
        return new Loss(
                "The lease of " + manager + " was released with a transaction open, and ROLLBACK failed",
                "it was released with a transaction open, and ROLLBACK failed",
                trouble == null ? null : CallLog.Fatal.of(trouble),
                trouble);
    }

    /** No thread could be had for the release. */
    static Loss unsettled(String manager, SQLException trouble) {
        return new Loss(
                "The lease of " + manager + " could not be settled",
                "its release could not be settled",
                CallLog.Fatal.of(trouble),
                trouble);
    }

    /**
     * That the session is lost; and if the answer to a COMMIT was lost with it, that nobody knows what became of it.
     */
    SQLException asReport(CallLog calls) {
        SQLException unknown = calls.unknownOutcomeAtRelease();
        return unknown != null ? unknown : asReport();
    }

    SQLException asReport() {
        return new SQLNonTransientConnectionException(
                report + (why == null ? "" : " (" + text(why) + ")")
                        + "; the session was closed, what was not committed is rolled back by the server, and the next"
                        + " lease opens a new session.",
                why == null || why.sqlState() == null ? "08006" : why.sqlState(),
                cause);
    }

    /** Tells the log. */
    public void tell(Log.Later log, String manager, FencedConnection lease) {
        CallLog calls = lease.fence().seen();
        log.warn(
                "The session of {} was lost in the lease that thread \"{}\" had held for {} ms: {}. {}What was not"
                        + " committed is rolled back by the server{}, and the next lease opens a new session.",
                manager,
                Threads.name(lease.holder()),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lease.acquiredAt()),
                new Later(this::reason),
                new Later(() -> lastCall(calls.lastCall())),
                calls.isCommitUnknown() ? ", what was just being committed may or may not be committed" : "");
    }

    /** Made when the line is written, by a thread with time and a stack: a foreign exception may be asked. */
    private record Later(Supplier<String> text) {
        @Override
        public String toString() {
            return text.get();
        }
    }

    private String reason() {
        if (why == null) {
            return how.isEmpty() ? "the connection is closed" : how;
        }
        String text = SqlText.shown(text(why)) + (why.sqlState() == null ? "" : ", SQLState " + why.sqlState());
        return how.isEmpty() ? text : how + " (" + text + ")";
    }

    /** A batch's error repeats a statement with its parameters, and has the one that tells as its cause. */
    private static String text(CallLog.Fatal why) {
        if (!(why.error() instanceof BatchUpdateException)) {
            return why.message();
        }
        Throwable cause = Throwables.causeOf(why.error());
        return cause == null ? "a batch failed" : Throwables.message(cause);
    }

    private static String lastCall(@Nullable String call) {
        return call == null ? "" : "Its last call: " + SqlText.shown(call) + ". ";
    }
}
