package io.github.pgmanaged.internal.release;

import io.github.pgmanaged.DatabaseErrors;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.internal.fence.ErrorStanding;

/**
 * What a release does to the session, what it reports, and what it logs: the whole table, as a pure decision.
 *
 * <p>{@link Release} gathers the facts and does what is decided here.
 *
 * @param rollBack whether a transaction has to be rolled back
 * @param session what becomes of the session afterwards
 * @param report what the release throws
 * @param log what goes to the log
 */
record ReleasePolicy(boolean rollBack, Fate session, Report report, Line log) {
    /** What becomes of the session. */
    enum Fate {
        /** The next lease has it. */
        KEEP,
        /** It is closed in good order. */
        CLOSE,
        /** Its socket is cut: nothing can be said to the server any more. */
        CUT
    }

    /** What the release throws. */
    enum Report {
        /** Nothing. */
        NOTHING,
        /** A transaction was left open, and is rolled back. */
        OPEN_TRANSACTION,
        /** The session is lost, and work with it. */
        LOST_SESSION,
        /** The lease was taken away, and work with it. */
        TAKEN_AWAY
    }

    /** What goes to the log. */
    enum Line {
        /** Nothing. */
        NONE,
        /** An exception ended the work in the middle of a transaction: ordinary, and its caller gets it. */
        ROLLED_BACK
    }

    /**
     * What is known at the release.
     *
     * @param status the server's last word, or {@code CLOSED}
     * @param takenAway whether the lease was revoked before
     * @param drained whether every call of the lease has ended
     * @param aborted whether the holder has aborted the lease
     * @param copying whether a COPY FROM was not ended, which under autocommit is a transaction of its own
     * @param transactionSeen whether a transaction was open when the lease last heard of the server, or a COPY under
     *     way
     * @param worst the worst error that a call on the lease raised, or that the holder threw
     * @param databaseError whether a database error ended the work, as far as can be known
     * @param thrown whether the work threw something, which the release must not hide
     * @param lossThrown whether what the work threw says already that the session is lost
     * @param mustClose whether the session was asked to be closed
     * @param databaseErrors the manager's rule
     */
    record Facts(
            TransactionStatus status,
            boolean takenAway,
            boolean drained,
            boolean aborted,
            boolean copying,
            boolean transactionSeen,
            ErrorStanding worst,
            boolean databaseError,
            boolean thrown,
            boolean lossThrown,
            boolean mustClose,
            DatabaseErrors databaseErrors) {}

    static ReleasePolicy of(Facts facts) {
        if (facts.takenAway()) {
            return cut(facts.transactionSeen() ? Report.TAKEN_AWAY : Report.NOTHING);
        }
        if (facts.aborted()) {
            return cut(Report.NOTHING);
        }
        boolean fatal = facts.worst() == ErrorStanding.FATAL;
        if (fatal || !facts.drained() || facts.status() == TransactionStatus.CLOSED) {
            boolean lost = fatal || !facts.drained() || facts.transactionSeen();
            return cut(lost && !facts.lossThrown() ? Report.LOST_SESSION : Report.NOTHING);
        }
        boolean inTransaction = facts.status() != TransactionStatus.IDLE;
        boolean open = inTransaction || facts.copying();
        boolean close = facts.mustClose()
                || facts.worst() == ErrorStanding.UNKNOWN
                || (facts.databaseError() && facts.databaseErrors() == DatabaseErrors.RESET_ALWAYS);
        return new ReleasePolicy(
                inTransaction,
                close ? Fate.CLOSE : Fate.KEEP,
                open && !facts.thrown() ? Report.OPEN_TRANSACTION : Report.NOTHING,
                open && facts.thrown() ? Line.ROLLED_BACK : Line.NONE);
    }

    private static ReleasePolicy cut(Report report) {
        return new ReleasePolicy(false, Fate.CUT, report, Line.NONE);
    }
}
