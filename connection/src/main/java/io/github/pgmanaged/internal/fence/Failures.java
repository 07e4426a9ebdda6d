package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.internal.time.Threads;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.util.PSQLException;

/**
 * What a call that has failed means for its lease: where the session stands, what became of a COMMIT, and what the
 * caller is told. It is noted in the fence's {@link CallLog}.
 */
final class Failures {
    /** What the JDK says to a virtual thread whose socket it has closed. */
    private static final String CLOSED_BY_INTERRUPT = "Closed by interrupt";

    private static final String QUERY_CANCELED = "57014";

    private Failures() {}

    /** Notes an error that the driver raised. */
    static SQLException failed(Fence fence, SQLException error) {
        ErrorStanding standing = standing(fence, error, null);
        SQLException told = explained(fence, error);
        note(fence, told, standing);
        return told;
    }

    /** Says what the driver cannot know: who has ended a call that was under way. */
    private static SQLException explained(Fence fence, SQLException error) {
        String ended = fence.isShut() ? endedBy(fence, error) : null;
        if (ended != null) {
            Throwables.suppress(error, new LeaseReleasedException(ended, null));
        }
        if (!Threads.isVirtual(Thread.currentThread())
                || Throwables.chain(error).stream()
                        .noneMatch(e -> Throwables.message(e).contains(CLOSED_BY_INTERRUPT))) {
            return error;
        }
        return new SQLNonTransientConnectionException(
                "The virtual thread \"" + Threads.name(Thread.currentThread()) + "\" was interrupted in a call to the"
                        + " server, and the JDK closes the socket that an interrupted virtual thread reads from. So the"
                        + " session of " + fence.manager()
                        + " is lost, what was not committed is rolled back by the server, and"
                        + " the next lease opens a new session. Cancel statements with Statement.cancel(), or use"
                        + " platform threads.",
                "08006",
                error);
    }

    private static @Nullable String endedBy(Fence fence, SQLException error) {
        if (fence.seen().isRevoked()) {
            return fence.seen().overSince();
        }
        return QUERY_CANCELED.equals(Throwables.sqlState(error))
                ? "This lease of " + fence.manager()
                        + " was released while the call was under way, so the call was cancelled."
                        + " Let the calls of other threads end before the lease is released."
                : null;
    }

    /** As {@link #failed(Fence, SQLException)}, for a text that may have committed something. */
    static SQLException failed(Fence fence, TransactionState before, @Nullable String text, SQLException error) {
        return judged(fence, before, text, false, error, standing(fence, error, text));
    }

    /** The same, for what the driver may send in parts. */
    static SQLException failedBatch(Fence fence, TransactionState before, @Nullable String text, SQLException error) {
        return judged(fence, before, text, true, error, standing(fence, error, null));
    }

    /**
     * As {@link #failed(Fence, SQLException)}, for {@code commit()}, with the transaction's ID if it has been asked
     * for.
     */
    static SQLException failedCommit(
            Fence fence, TransactionState before, @Nullable TransactionId id, SQLException raised) {
        ErrorStanding standing = standing(fence, raised, null);
        SQLException error = explained(fence, raised);
        note(fence, error, standing);
        return standing == ErrorStanding.FATAL && before == TransactionState.OPEN && CommitRules.mayBeDone(error)
                ? unknown(
                        fence,
                        error,
                        cause -> new CommitOutcomeUnknownException(
                                fence.manager(),
                                id == null ? null : id.id(),
                                id == null ? null : id.incarnation(),
                                cause))
                : error;
    }

    private static void note(Fence fence, SQLException error, ErrorStanding standing) {
        fence.log().failed(error, standing, fence.transactionState() == TransactionState.FAILED);
    }

    private static SQLException judged(
            Fence fence,
            TransactionState before,
            @Nullable String text,
            boolean inParts,
            SQLException raised,
            ErrorStanding standing) {
        SQLException error = explained(fence, raised);
        note(fence, error, standing);
        if (standing != ErrorStanding.FATAL
                || !CommitRules.mayHaveCommitted(before, fence.isAutoCommit(), text, inParts, error)) {
            return error;
        }
        String shown = text == null ? "a statement" : SqlText.shown(text);
        return unknown(fence, error, cause -> new CommitOutcomeUnknownException(fence.manager(), shown, cause));
    }

    private static SQLException unknown(
            Fence fence, SQLException cause, Function<@Nullable SQLException, CommitOutcomeUnknownException> outcome) {
        fence.log().commitUnknown(cause, outcome);
        return outcome.apply(cause);
    }

    /**
     * Where the session stands after an error. What only looks like the end of a session is none: the driver has a code
     * of class 08 even for an object of the application's that throws, and a function of the server's may raise any.
     */
    private static ErrorStanding standing(Fence fence, SQLException error, @Nullable String text) {
        ErrorStanding standing = ErrorStanding.of(error);
        if (standing == ErrorStanding.HEALTHY
                && error instanceof PSQLException
                && !ErrorStanding.isServersWord(error)
                && ErrorOrigin.isOfCopyStart(error, text)) {
            return ErrorStanding.FATAL;
        }
        if (standing != ErrorStanding.FATAL || Fence.isClosed(fence.driver()) || ErrorStanding.isServersEnd(error)) {
            return standing;
        }
        if (ErrorStanding.isServersWord(error)) {
            return ErrorStanding.HEALTHY;
        }
        if (!ErrorOrigin.isOutsideEngine(error, new Throwable())) {
            return ErrorStanding.FATAL;
        }
        // A wrapper around the driver may think that it is closed, and refuse the next lease as well.
        return error instanceof PSQLException ? ErrorStanding.HEALTHY : ErrorStanding.UNKNOWN;
    }

    /**
     * Notes a call that ended with something else than an {@link SQLException}. If it did so outside the driver's
     * exchange with the server, as with an argument that is null, the session is sound. Otherwise the driver may have
     * stopped in the middle of a message, and nothing more may be said on this session.
     */
    static void brokeOff(Fence fence, Throwable thrown) {
        if (!ErrorOrigin.isOutsideEngine(thrown, new Throwable())) {
            brokeOffInExchange(fence, thrown);
        }
    }

    /** As {@link #brokeOff(Fence, Throwable)}, for a text that may have committed something. */
    static void brokeOff(Fence fence, TransactionState before, @Nullable String text, Throwable thrown) {
        if (!ErrorOrigin.isOutsideEngine(thrown, new Throwable())) {
            var unused = judged(fence, before, text, true, brokenOff(thrown), ErrorStanding.FATAL);
        }
    }

    /** As {@link #brokeOff(Fence, Throwable)}, for {@code commit()}. */
    static void brokeOffCommit(Fence fence, TransactionState before, @Nullable TransactionId id, Throwable thrown) {
        if (!ErrorOrigin.isOutsideEngine(thrown, new Throwable())) {
            var unused = failedCommit(fence, before, id, brokenOff(thrown));
        }
    }

    /** As {@link #brokeOff(Fence, Throwable)}, whatever its stack says. */
    static void brokeOffInExchange(Fence fence, Throwable thrown) {
        note(fence, brokenOff(thrown), ErrorStanding.FATAL);
    }

    private static SQLException brokenOff(Throwable thrown) {
        return new SQLException(
                "a call ended in the middle: " + thrown.getClass().getName(), "08006", thrown);
    }
}
