package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;

/**
 * What is true of a COMMIT: one that the server answered with ROLLBACK, and one whose answer was lost.
 *
 * <p>Thread safety: immutable.
 */
final class CommitRules {
    /** What ends so was not sent, or met a session that the server had ended while it was idle. */
    private static final Set<String> NEVER_DONE = Set.of("08003", "25P03", "57P05");

    private CommitRules() {}

    /**
     * Raises the error that PostgreSQL does not: a COMMIT of a failed transaction is answered with ROLLBACK. In a
     * failed transaction the server accepts nothing but what ends it, or goes back to a savepoint; so the first
     * statement of a text that has succeeded says which it was.
     *
     * @param before the state before a statement that has succeeded
     * @param failure what had failed the transaction, if it was seen
     */
    static void check(
            TransactionState before, TransactionState after, @Nullable String sql, @Nullable SQLException failure)
            throws SQLTransactionRollbackException {
        if (before == TransactionState.FAILED && after != TransactionState.FAILED && !SqlText.isRollback(sql)) {
            throw commitBecameRollback(failure);
        }
    }

    static SQLTransactionRollbackException commitBecameRollback(@Nullable SQLException failure) {
        return new SQLTransactionRollbackException(
                "The transaction had failed before COMMIT, so the server rolled it back: nothing of it is committed. "
                        + (failure == null ? "See the error that failed it" : "The cause is the error that failed it")
                        + "; roll back to a savepoint to go on after an error.",
                "40000",
                failure);
    }

    /**
     * Whether a COMMIT may have been done that ended with an error.
     *
     * @param error which has ended the session
     */
    static boolean mayBeDone(SQLException error) {
        return !NEVER_DONE.contains(String.valueOf(Throwables.sqlState(error)));
    }

    /**
     * Whether a call may have committed something that ended with an error: by a COMMIT in its text, or by itself.
     *
     * @param before the state before
     * @param text what was run; null if that is unknown
     * @param inParts whether the driver may have sent it in parts, so that an earlier one may be committed
     * @param error which has ended the session
     */
    static boolean mayHaveCommitted(
            TransactionState before, boolean autoCommit, @Nullable String text, boolean inParts, SQLException error) {
        // Otherwise the driver says BEGIN first.
        boolean open = before != TransactionState.IDLE || !autoCommit;
        boolean undone = !inParts && ErrorStanding.isServersWord(error);
        return mayBeDone(error)
                && (text == null
                        ? !open && !undone
                        : SqlText.mayCommit(text, open, before == TransactionState.FAILED, undone));
    }
}
