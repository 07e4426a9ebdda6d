package io.github.pgmanaged.internal.release;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.DatabaseErrors;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.CallLog;
import io.github.pgmanaged.internal.fence.ErrorStanding;
import io.github.pgmanaged.internal.fence.Fence;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.fence.SqlText;
import io.github.pgmanaged.internal.fence.TransactionStart;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.time.BoundedCall;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.StackRoom;
import io.github.pgmanaged.internal.time.Threads;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Settles the session when a lease is released: does what {@link ReleasePolicy} decides, within {@code releaseTimeout}.
 *
 * <p>Thread safety: immutable; used by the thread that has the turn.
 */
public final class Release {
    private final String manager;
    private final DatabaseErrors databaseErrors;
    private final Duration releaseTimeout;

    /** Settles by a manager's options. */
    public Release(Options options) {
        this.manager = options.label();
        this.databaseErrors = options.databaseErrors();
        this.releaseTimeout = options.releaseTimeout();
    }

    /**
     * What became of a release.
     *
     * @param session what is left to do for the session
     * @param rolledBack whether a transaction was rolled back
     * @param report what the release throws
     * @param log what to log when the turn is over
     */
    public record Outcome(
            After session, boolean rolledBack, @Nullable SQLException report, Log.Later log) {
        /** Nothing was left; nothing is logged, so all may share it. */
        static final Outcome CLEAN = new Outcome(After.KEPT, false, null, new Log.Later());
    }

    /** What is left to do for the session after a release. */
    public enum After {
        /** Nothing: the next lease has it. */
        KEPT,
        /** To be closed, when the turn is over. */
        TO_CLOSE,
        /** Nothing: it is cut. */
        CUT
    }

    /**
     * Settles.
     *
     * @param thrown what the work threw
     * @param workSeen whether it is known how the work ended
     */
    public Outcome settle(Session session, FencedConnection lease, @Nullable Throwable thrown, boolean workSeen) {
        boolean ordinary = thrown == null && !lease.fence().gate().isBusy() && !lease.mustClose() && !lease.aborted();
        if (ordinary && !lease.fence().seen().isUsed()) {
            return session.isClosed() ? gone(session, lease) : Outcome.CLEAN;
        }
        long now = System.nanoTime();
        if (ordinary
                && leftNothing(session, lease.fence(), now)
                && StackRoom.isEnoughForLock()
                && forgetsWarnings(session)) {
            session.usedUntil(now);
            if (lease.fence().log().hasAnswer()) {
                session.provedSound(now);
            }
            return Outcome.CLEAN;
        }
        Deadline deadline = Deadline.after(releaseTimeout);
        if (StackRoom.isEnough()) {
            return new Settling(session, lease, thrown, workSeen, deadline).run();
        }
        return onFreshStack(session, lease, thrown, workSeen, deadline);
    }

    /**
     * Whether the policy has nothing to decide, as after most leases: no error, and nothing left to end, to take back
     * or to clear. What is below says the same of it, at some cost.
     */
    private static boolean leftNothing(Session session, Fence fence, long now) {
        CallLog calls = fence.log();
        return calls.worst() == ErrorStanding.NONE
                && !session.isShared()
                && session.status() == TransactionStatus.IDLE
                && !fence.hasHandles()
                && !fence.mayBeCopying()
                && !session.hasToReset(calls)
                && !session.keepsWhatIsLeft(calls)
                && !session.isOver(now);
    }

    /** Not if the session has just been lost. */
    private static boolean forgetsWarnings(Session session) {
        try {
            session.clearWarnings();
            return session.status() == TransactionStatus.IDLE;
        } catch (SQLException e) {
            return false;
        }
    }

    /** The session died while nobody used it, and no work is lost. */
    private Outcome gone(Session session, FencedConnection lease) {
        session.cut();
        return lost(lease, Loss.underLease(manager, null, null), null, new Log.Later());
    }

    /**
     * The session is lost, and cut.
     *
     * @param report what the release throws; whoever logs that, as for a holder who does not hear it, says it all
     */
    private Outcome lost(FencedConnection lease, Loss loss, @Nullable SQLException report, Log.Later log) {
        if (report == null || !lease.isClosedUnheard()) {
            loss.tell(log, manager, lease);
        }
        return new Outcome(After.CUT, false, report, log);
    }

    /** The stack of this thread is nearly used up: an exchange with the server needs a fresh one. */
    private Outcome onFreshStack(
            Session session, FencedConnection lease, @Nullable Throwable thrown, boolean workSeen, Deadline deadline) {
        @Nullable Outcome[] outcome = new Outcome[1];
        try {
            if (BoundedCall.run(
                    "release",
                    Deadline.since(deadline.nanoTime(), Deadline.nanos(releaseTimeout)),
                    () -> outcome[0] = new Settling(session, lease, thrown, workSeen, deadline).run())) {
                return Objects.requireNonNull(outcome[0]);
            }
        } catch (SQLException | OutOfMemoryError e) {
            session.cut();
            Loss loss = Loss.unsettled(manager, Throwables.asSqlException(e, "no thread can be had"));
            return lost(lease, loss, loss.asReport(), new Log.Later());
        }
        session.cut();
        Loss loss = Loss.notInTime(manager, releaseTimeout, null, null);
        return lost(lease, loss, loss.asReport(), new Log.Later());
    }

    /**
     * What a lease reports whose turn has passed on before it was released.
     *
     * @param takenAway why it was taken away; null if its session was lost
     */
    public @Nullable SQLException reportOfPassedOn(
            FencedConnection lease, @Nullable SQLException takenAway, @Nullable Throwable thrown, boolean workSeen) {
        CallLog log = lease.fence().log();
        ReleasePolicy policy = ReleasePolicy.of(new ReleasePolicy.Facts(
                TransactionStatus.CLOSED,
                takenAway != null,
                true,
                lease.aborted(),
                false,
                log.transactionStart() != null || leftCopying(lease.fence()),
                worst(log, thrown, Deadline.after(releaseTimeout)),
                isDatabaseError(log, thrown, workSeen),
                thrown != null,
                saysIt(log, log.fatal(), thrown),
                lease.mustClose(),
                databaseErrors));
        return switch (policy.report()) {
            case TAKEN_AWAY -> log.isCommitUnknown() ? unknownUnlessThrown(log, thrown) : takenAway;
            case LOST_SESSION -> Loss.underLease(manager, log.fatal(), null).asReport(log);
            default -> null;
        };
    }

    /**
     * Before a session is cut: ends what the lease is doing on the server. To cut alone does not end a statement, which
     * would go on and, under autocommit, be committed after the turn has passed on.
     */
    public void silence(Session session, Fence fence, Deadline deadline) {
        fence.gate().shut();
        if (fence.gate().isBusy() && !deadline.isOver()) {
            cancelAndDrain(session, fence, deadline);
        }
    }

    /** As {@link #silence(Session, Fence, Deadline)}, within the {@code releaseTimeout}. */
    public void silence(Session session, Fence fence) {
        silence(session, fence, Deadline.after(releaseTimeout));
    }

    /**
     * Cancels what a lease is doing on the server, and waits for it to end. Only after its gate was shut.
     *
     * @return whether it has ended in time
     */
    private boolean cancelAndDrain(Session session, Fence fence, Deadline deadline) {
        // Not before the cancel request is through, too: a late one would hit the next lease.
        return cancel(session, deadline) && fence.gate().drain(deadline);
    }

    /** Whether the cancel request is over by then, for good or ill. */
    private boolean cancel(Session session, Deadline deadline) {
        boolean first = true;
        while (true) {
            try {
                return BoundedCall.run("cancel", deadline, session::cancel);
            } catch (SQLException e) {
                // An Error may have broken it off before it was sent; and no statement ends because it could not be.
                if (!first || !(e.getCause() instanceof Error)) {
                    Log.detachedDebug("Could not cancel what is running on {}", manager, e);
                    return true;
                }
            } catch (BoundedCall.NoThreadError e) {
                if (!first) {
                    return false;
                }
            }
            first = false;
        }
    }

    /**
     * What the holder throws may be another database's error, or its own. It says nothing of this session, unless the
     * driver's own object was given out, whose calls nobody has seen.
     */
    private static ErrorStanding worst(CallLog log, @Nullable Throwable thrown, Deadline deadline) {
        ErrorStanding seen = log.worst();
        return log.hasEscaped() && thrown instanceof SQLException error ? seen.or(standing(error, deadline)) : seen;
    }

    /** The turn must not depend on what a foreign exception says, or on whether it says anything. */
    private static ErrorStanding standing(SQLException error, Deadline deadline) {
        if (ErrorStanding.isKnown(error)) {
            return ErrorStanding.of(error);
        }
        @Nullable ErrorStanding[] standing = new ErrorStanding[1];
        try {
            return BoundedCall.run("error", deadline, () -> standing[0] = ErrorStanding.of(error))
                    ? Objects.requireNonNull(standing[0])
                    : ErrorStanding.UNKNOWN;
        } catch (SQLException | OutOfMemoryError e) {
            return ErrorStanding.UNKNOWN;
        }
    }

    /** Whether what the work threw says already that the session is lost. */
    private static boolean saysIt(CallLog log, CallLog.@Nullable Fatal fatal, @Nullable Throwable thrown) {
        return thrown != null
                && (fatal == null
                        || fatal.error() == thrown
                        || (log.isCommitUnknown() && thrown instanceof CommitOutcomeUnknownException));
    }

    private static @Nullable SQLException unknownUnlessThrown(CallLog log, @Nullable Throwable thrown) {
        return thrown instanceof CommitOutcomeUnknownException ? null : log.unknownOutcomeAtRelease();
    }

    /** Whether a database error ended the work; whose it is, does not count: {@code RESET_ALWAYS} asks for no more. */
    private static boolean isDatabaseError(CallLog log, @Nullable Throwable thrown, boolean workSeen) {
        return workSeen ? thrown instanceof SQLException : log.worst() != ErrorStanding.NONE;
    }

    /** Whether a COPY was left under way in a session that is gone: the driver may be stuck in it. */
    private boolean leftCopying(Fence fence) {
        if (!fence.mayBeCopying()) {
            return false;
        }
        boolean[] copying = {true};
        try {
            BoundedCall.run("copy", Deadline.after(releaseTimeout), () -> copying[0] = fence.unendedCopy() != null);
        } catch (SQLException | OutOfMemoryError e) {
            return true;
        }
        return copying[0];
    }

    /** One release. */
    private final class Settling {
        private final Session session;
        private final FencedConnection lease;
        private final Fence fence;
        private final CallLog calls;
        private final @Nullable Throwable thrown;
        private final boolean workSeen;
        private final Deadline deadline;
        private final Log.Later log = new Log.Later();

        Settling(
                Session session,
                FencedConnection lease,
                @Nullable Throwable thrown,
                boolean workSeen,
                Deadline deadline) {
            this.session = session;
            this.lease = lease;
            this.fence = lease.fence();
            this.calls = fence.log();
            this.thrown = thrown;
            this.workSeen = workSeen;
            this.deadline = deadline;
        }

        Outcome run() {
            long now = System.nanoTime();
            session.usedUntil(now);
            if (lease.aborted()) {
                session.cut();
            }
            // With the driver's own objects about, a call may be under way that passed no gate.
            boolean busy = fence.gate().isBusy() || (calls.hasEscaped() && session.status() != TransactionStatus.IDLE);
            boolean drained = !busy || cancelAndDrain(session, fence, deadline);
            TransactionStart start = calls.transactionStart();
            String copy = drained ? unendedCopy() : null; // before it is cancelled
            SQLException trouble = null;
            if (drained && !session.isClosed() && fence.hasHandles()) {
                trouble = attempt(() -> session.closeHandles(fence, deadline));
            }
            TransactionStatus status = session.status();
            CallLog.Fatal cause = trouble == null ? calls.fatal() : CallLog.Fatal.of(trouble);
            ReleasePolicy policy = ReleasePolicy.of(new ReleasePolicy.Facts(
                    status,
                    false,
                    drained && trouble == null,
                    lease.aborted(),
                    copy != null,
                    start != null || copy != null,
                    worst(calls, thrown, deadline),
                    isDatabaseError(calls, thrown, workSeen),
                    thrown != null,
                    drained && saysIt(calls, cause, thrown),
                    lease.mustClose() || session.keepsWhatIsLeft(calls),
                    databaseErrors));
            if (policy.session() == ReleasePolicy.Fate.CUT) {
                session.cut();
                if (lease.aborted()) {
                    return new Outcome(After.CUT, false, null, log);
                }
                Loss loss = drained
                        ? Loss.underLease(manager, cause, trouble)
                        : Loss.notInTime(manager, releaseTimeout, cause, trouble);
                return lost(
                        lease,
                        loss,
                        policy.report() == ReleasePolicy.Report.LOST_SESSION ? loss.asReport(calls) : null,
                        log);
            }
            if (policy.log() == ReleasePolicy.Line.ROLLED_BACK && thrown != null) {
                log.rollbackDebug(logger -> tellOfRollback(logger, thrown));
            }
            if (policy.rollBack()) {
                trouble = attempt(() -> session.rollBack(deadline));
                if (trouble != null || session.status() != TransactionStatus.IDLE) {
                    session.cut();
                    Loss loss = Loss.rollbackFailed(manager, trouble);
                    return lost(lease, loss, loss.asReport(), log);
                }
            }
            After after = isGivenUp(policy, now) || !matchesTarget() ? After.TO_CLOSE : restored();
            if (after == After.KEPT && (calls.hasAnswer() || policy.rollBack())) {
                session.provedSound(now);
            }
            SQLException report = policy.report() == ReleasePolicy.Report.OPEN_TRANSACTION
                    ? openTransaction(status, start, copy, after == After.KEPT)
                    : null;
            return new Outcome(after, policy.rollBack() || copy != null, report, log);
        }

        private @Nullable String unendedCopy() {
            if (!fence.mayBeCopying() || session.isClosed()) {
                return null;
            }
            @Nullable String[] copy = new String[1];
            attempt(() -> copy[0] = fence.unendedCopy()); // if the driver is stuck, the next attempt says so
            return copy[0];
        }

        /**
         * Without the exception itself, which the caller gets. The driver repeats a failed batch's statements in its
         * error, and they may hold a password.
         */
        private void tellOfRollback(Logger logger, Throwable thrown) {
            boolean secret =
                    Throwables.chain(thrown).stream().anyMatch(t -> SqlText.mayHoldPassword(Throwables.text(t)));
            logger.debug(
                    "Rolling back the transaction of {}, since the work threw {}",
                    manager,
                    secret
                            ? thrown.getClass().getName() + " (its text may hold a password and is withheld)"
                            : Throwables.text(thrown));
        }

        /**
         * Says something to the server.
         *
         * @return what went wrong
         */
        private @Nullable SQLException attempt(BoundedCall.Task task) {
            try {
                // Foreign code may block; a thread that has the driver's own objects, or a copy under way, may hold its
                // lock for ever.
                if (!session.isShared() && !calls.hasEscaped() && !fence.mayBeCopying()) {
                    task.run();
                } else if (!BoundedCall.run("release", deadline, task)) {
                    return new SQLException(
                            "no answer within the releaseTimeout of " + releaseTimeout.toMillis() + " ms");
                }
                return null;
            } catch (SQLException e) {
                return e;
            } catch (OutOfMemoryError noThread) {
                return new SQLException("no thread can be had", noThread);
            }
        }

        /** Whether the session is closed though it is in order, and why: for the log. */
        private boolean isGivenUp(ReleasePolicy policy, long now) {
            if (policy.session() == ReleasePolicy.Fate.KEEP && !session.isOver(now)) {
                return false;
            }
            String closing = "The session of {} is closed with its lease: {}";
            if (policy.session() == ReleasePolicy.Fate.KEEP) {
                log.debug(closing, manager, "it has lived for its maxLifetime");
            } else if (calls.hasEscaped()) {
                log.info(closing, manager, "an object of the driver's was given out, and could still use it");
            } else if (lease.mustClose()) {
                log.debug(closing, manager, "reset() or closeOnRelease() was called");
            } else if (session.keepsWhatIsLeft(calls)) {
                log.debug(closing, manager, "what its statements left in it ends only with it");
            } else if (databaseErrors == DatabaseErrors.RESET_ALWAYS) {
                log.info(closing, manager, "a database error ended the work, and databaseErrors is RESET_ALWAYS");
            } else {
                log.info(
                        closing,
                        manager,
                        "an error does not say whether the session is sound (no SQLState that tells)");
            }
            return true;
        }

        private boolean matchesTarget() {
            try {
                return !calls.readOnlyRefused() || session.matchesTarget(deadline);
            } catch (SQLException e) {
                log.info(
                        "The session of {} is closed with its lease: its server did not say whether it can be"
                                + " written to: {}",
                        manager,
                        Throwables.text(e));
                return false;
            }
        }

        /** If settings cannot be restored the session goes; the holder's work is done and stands. */
        private After restored() {
            try {
                if (session.hasToReset(calls)) {
                    SQLException trouble = attempt(() -> session.reset(calls, deadline));
                    if (trouble != null) {
                        throw trouble;
                    }
                }
                session.clearWarnings(deadline);
                if (session.status() == TransactionStatus.IDLE) {
                    return After.KEPT;
                }
                log.warn("Restoring the settings of {} left it {}; the session is closed", manager, session.status());
            } catch (SQLException e) {
                log.warn(
                        "Could not restore the settings of {}; the session is closed: {}",
                        manager,
                        Throwables.text(e),
                        e);
            }
            session.cut();
            return After.CUT;
        }

        private OpenTransactionException openTransaction(
                TransactionStatus status, @Nullable TransactionStart start, @Nullable String copy, boolean kept) {
            long since = start == null ? lease.acquiredAt() : start.nanoTime();
            if (copy != null) {
                Thread user = start == null ? calls.lastUser() : start.thread();
                return new OpenTransactionException(
                        manager,
                        SqlText.shown(copy),
                        user == null ? null : Threads.name(user),
                        Duration.ofNanos(System.nanoTime() - since),
                        kept);
            }
            return new OpenTransactionException(
                    manager,
                    status,
                    start == null ? null : SqlText.shown(start.statement()),
                    start == null ? null : Threads.name(start.thread()),
                    Duration.ofNanos(System.nanoTime() - since),
                    kept);
        }
    }
}
