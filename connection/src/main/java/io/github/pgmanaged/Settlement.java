package io.github.pgmanaged;

import io.github.pgmanaged.fence.ErrorStanding;

/**
 * What a release does to the session, and what it tells: the release table as a pure decision.
 *
 * @param rollBack whether a transaction has to be rolled back
 * @param session what becomes of the session afterwards
 * @param report what the holder is told, unless it has thrown something itself
 */
record Settlement(boolean rollBack, Fate session, Report report) {
    /** What becomes of the session. */
    enum Fate {
        /** The next lease has it. */
        KEEP,
        /** It is closed in good order. */
        CLOSE,
        /** Its socket is cut: nothing can be said to the server any more. */
        ABORT
    }

    /** What the holder is told. */
    enum Report {
        NOTHING,
        OPEN_TRANSACTION,
        LOST_SESSION
    }

    /**
     * What is known at the release.
     *
     * @param status the server's last word, or {@code CLOSED}
     * @param drained whether every call of the lease has ended
     * @param aborted whether the holder has aborted the lease
     * @param transactionSeen whether a transaction was open when the lease last heard of the server
     * @param worst the worst error that a call on the lease raised, or that the holder threw
     * @param databaseError whether a database error ended the work, as far as can be known
     * @param mustClose whether the session was asked to be closed
     * @param databaseErrors the manager's rule
     */
    record Facts(
            TransactionStatus status,
            boolean drained,
            boolean aborted,
            boolean transactionSeen,
            ErrorStanding worst,
            boolean databaseError,
            boolean mustClose,
            DatabaseErrors databaseErrors) {}

    static Settlement of(Facts facts) {
        if (facts.aborted()) {
            return new Settlement(false, Fate.ABORT, Report.NOTHING);
        }
        boolean fatal = facts.worst() == ErrorStanding.FATAL;
        if (fatal || !facts.drained() || facts.status() == TransactionStatus.CLOSED) {
            boolean lost = fatal || !facts.drained() || facts.transactionSeen();
            return new Settlement(false, Fate.ABORT, lost ? Report.LOST_SESSION : Report.NOTHING);
        }
        boolean open = facts.status() != TransactionStatus.IDLE;
        boolean reset = facts.mustClose()
                || facts.worst() == ErrorStanding.UNKNOWN
                || (facts.databaseError() && facts.databaseErrors() == DatabaseErrors.RESET_ALWAYS);
        return new Settlement(open, reset ? Fate.CLOSE : Fate.KEEP, open ? Report.OPEN_TRANSACTION : Report.NOTHING);
    }
}
