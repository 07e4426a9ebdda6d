package io.github.pgmanaged;

import io.github.pgmanaged.fence.ErrorStanding;
import io.github.pgmanaged.fence.Fence;
import io.github.pgmanaged.fence.FencedConnection;
import io.github.pgmanaged.fence.SqlText;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles the session when a lease is released: does what {@link Settlement} decides, within {@code releaseTimeout}.
 *
 * <p>Thread safety: immutable; used by whoever is inside the turnstile.
 */
final class Settler {
    private static final Logger LOG = LoggerFactory.getLogger(ManagedConnection.class);

    private final String manager;
    private final DatabaseErrors databaseErrors;
    private final Duration releaseTimeout;

    Settler(Config config) {
        this.manager = config.label();
        this.databaseErrors = config.databaseErrors();
        this.releaseTimeout = config.releaseTimeout();
    }

    /**
     * What became of a release.
     *
     * @param kept whether the next lease has the session; if not, it is closed
     * @param rolledBack whether a transaction was rolled back
     * @param report what the holder is told
     */
    record Outcome(
            boolean kept, boolean rolledBack, @Nullable SQLException report) {
        static final Outcome CLEAN = new Outcome(true, false, null);
    }

    /**
     * Settles.
     *
     * @param thrown what the work threw
     * @param workSeen whether it is known how the work ended
     */
    Outcome settle(Session session, FencedConnection lease, @Nullable Throwable thrown, boolean workSeen) {
        Fence fence = lease.fence();
        if (!fence.isBusy() && !fence.used() && thrown == null && !lease.mustClose() && !lease.aborted()) {
            return session.isClosed() ? closed(session, null) : Outcome.CLEAN;
        }
        long now = System.nanoTime();
        long deadline = now + Config.nanos(releaseTimeout);
        session.usedAt(now);
        if (lease.aborted()) {
            session.abort();
        }
        // With the driver's own objects about, a call may be under way that passed no gate.
        boolean busy = fence.isBusy() || (fence.escaped() && session.status() != TransactionStatus.IDLE);
        boolean drained = !busy || cancelAndDrain(session, fence, deadline);
        Fence.Opening opening = fence.opening();
        SQLException trouble = null;
        if (drained && !session.isClosed() && fence.hasHandles()) {
            trouble = attempt(fence, deadline, () -> session.closeHandles(fence, deadline));
        }
        TransactionStatus status = session.status();
        Settlement settlement = Settlement.of(new Settlement.Facts(
                status,
                drained && trouble == null,
                lease.aborted(),
                opening != null,
                worst(fence, thrown),
                workSeen ? thrown instanceof SQLException : fence.worst() != ErrorStanding.NONE,
                lease.mustClose(),
                databaseErrors));
        if (settlement.session() == Settlement.Fate.ABORT) {
            return aborted(session, settlement, drained, trouble == null ? fence.fatal() : trouble, thrown);
        }
        if (settlement.rollBack()) {
            if (thrown != null) {
                warn(thrown);
            }
            trouble = attempt(fence, deadline, () -> session.rollBack(deadline));
            if (trouble != null || session.status() != TransactionStatus.IDLE) {
                session.abort();
                return new Outcome(false, false, rollbackFailed(trouble));
            }
        }
        boolean keep = settlement.session() == Settlement.Fate.KEEP && isWhereItShouldBe(session, fence, now, deadline);
        boolean kept = keep && restored(session, fence, deadline);
        if (!keep && attempt(fence, deadline, session::close) != null) {
            session.abort();
        }
        SQLException report = settlement.report() == Settlement.Report.OPEN_TRANSACTION && thrown == null
                ? openTransaction(status, opening, lease, kept)
                : null;
        return new Outcome(kept, settlement.rollBack(), report);
    }

    /** The driver repeats a failed batch's statements in its error, and they may hold a password. */
    private void warn(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (SqlText.mayHoldPassword(t.toString())) {
                LOG.warn(
                        "Forcing rollback on {} after exception thrown: {} (its text may hold a password and is withheld)",
                        manager,
                        thrown.getClass().getName());
                return;
            }
        }
        LOG.warn("Forcing rollback on {} after exception thrown: {}", manager, thrown.toString(), thrown);
    }

    /** The session died while nobody used it; the holder has lost nothing. */
    private static Outcome closed(Session session, @Nullable SQLException report) {
        session.abort();
        return new Outcome(false, false, report);
    }

    /** Ends the calls that other threads are in, so that nothing of the lease reaches the session afterwards. */
    private boolean cancelAndDrain(Session session, Fence fence, long deadline) {
        // Not before the cancel request is through, too: a late one would hit the next lease.
        return cancel(session, deadline) && fence.drain(deadline);
    }

    /** Ends what a lease that was taken away is doing on the server; the socket is cut next. */
    void cancel(Session session) {
        if (!cancel(session, System.nanoTime() + Config.nanos(releaseTimeout))) {
            LOG.warn("The cancel request to {} was not answered", manager);
        }
    }

    /** Whether the cancel request is over by then, for good or ill. */
    private boolean cancel(Session session, long deadline) {
        try {
            return Bounded.run("cancel", deadline, session::cancel);
        } catch (SQLException e) {
            LOG.debug("Could not cancel what is running on {}", manager, e);
            return true;
        }
    }

    private static ErrorStanding worst(Fence fence, @Nullable Throwable thrown) {
        ErrorStanding seen = fence.worst();
        return thrown instanceof SQLException error ? seen.or(ErrorStanding.of(error)) : seen;
    }

    /**
     * Says something to the server.
     *
     * @return what went wrong
     */
    private @Nullable SQLException attempt(Fence fence, long deadline, Bounded.Task task) {
        try {
            // Whoever has the driver's own objects, or a copy under way, may hold its lock for as long as he likes.
            if (!fence.escaped() && !fence.isCopying()) {
                task.run();
            } else if (!Bounded.run("release", deadline, task)) {
                return new SQLException("no answer within the releaseTimeout of " + releaseTimeout.toMillis() + " ms");
            }
            return null;
        } catch (SQLException e) {
            return e;
        }
    }

    private boolean isWhereItShouldBe(Session session, Fence fence, long now, long deadline) {
        if (session.isOver(now)) {
            return false;
        }
        try {
            return !fence.readOnlyRefused() || session.isWhereItShouldBe(deadline);
        } catch (SQLException e) {
            LOG.debug("Could not ask what the server of {} is", manager, e);
            return false;
        }
    }

    /** If settings cannot be restored the session goes; the holder's work is done and stands. */
    private boolean restored(Session session, Fence fence, long deadline) {
        try {
            session.restore(fence.changed(), deadline);
            if (fence.used()) {
                session.resetFully(deadline);
            }
            session.clearWarnings();
            if (session.status() == TransactionStatus.IDLE) {
                return true;
            }
            LOG.warn("Restoring the settings of {} left it {}; the session is closed", manager, session.status());
        } catch (SQLException e) {
            LOG.warn("Could not restore the settings of {}; the session is closed: {}", manager, e.toString(), e);
        }
        session.abort();
        return false;
    }

    private Outcome aborted(
            Session session,
            Settlement settlement,
            boolean drained,
            @Nullable SQLException cause,
            @Nullable Throwable thrown) {
        session.abort();
        if (settlement.report() == Settlement.Report.NOTHING
                || (thrown != null && drained && (cause == null || cause == thrown))) {
            return new Outcome(false, false, null);
        }
        String what = drained
                ? "The session of " + manager + " was lost while the lease was held"
                : "A call on the lease of " + manager
                        + ", or the request to cancel it, did not end within the releaseTimeout of "
                        + releaseTimeout.toMillis() + " ms";
        return closed(session, lost(what, cause));
    }

    private SQLException rollbackFailed(@Nullable SQLException cause) {
        return lost("The lease of " + manager + " was released with a transaction open, and ROLLBACK failed", cause);
    }

    private static SQLException lost(String what, @Nullable SQLException cause) {
        String state = cause == null || cause.getSQLState() == null ? "08006" : cause.getSQLState();
        return new SQLNonTransientConnectionException(
                what + (cause == null ? "" : " (" + cause.getMessage() + ")")
                        + "; the session was closed, what was not committed is rolled back by the server, and the next"
                        + " lease opens a new session.",
                state,
                cause);
    }

    private OpenTransactionException openTransaction(
            TransactionStatus status, Fence.@Nullable Opening opening, FencedConnection lease, boolean kept) {
        long since = opening == null ? lease.acquiredAt() : opening.nanoTime();
        return new OpenTransactionException(
                manager,
                status,
                opening == null ? null : SqlText.shown(opening.statement()),
                opening == null ? null : opening.thread().getName(),
                Duration.ofNanos(System.nanoTime() - since),
                kept);
    }
}
