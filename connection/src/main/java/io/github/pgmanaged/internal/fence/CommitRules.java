package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.CommitOutcomeUnknownException;
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
    /** A COMMIT that ends so was not sent, or met a session that the server had ended while it was idle. */
    private static final Set<String> NEVER_DONE = Set.of("08003", "25P03");

    private CommitRules() {}

    /**
     * Raises the error that PostgreSQL does not: a COMMIT of a failed transaction is answered with ROLLBACK.
     *
     * @param before the state before a statement that has succeeded
     */
    static void check(TransactionState before, TransactionState after, @Nullable String sql)
            throws SQLTransactionRollbackException {
        if (before == TransactionState.FAILED && after != TransactionState.FAILED && !SqlText.isRollback(sql)) {
            throw commitBecameRollback();
        }
    }

    static SQLTransactionRollbackException commitBecameRollback() {
        return new SQLTransactionRollbackException(
                "The transaction had failed before COMMIT, so the server rolled it back: nothing of it is committed,"
                        + " and the session is idle. See the error that failed it; roll back to a savepoint to go on"
                        + " after an error.",
                "40000");
    }

    /**
     * The error of a statement: if it was a COMMIT whose answer was lost, that nobody knows its outcome.
     *
     * @param id the transaction's ID, if it has been asked for
     */
    static SQLException of(
            String manager,
            TransactionState before,
            @Nullable String sql,
            @Nullable TransactionId id,
            SQLException error) {
        return before == TransactionState.OPEN
                        && !NEVER_DONE.contains(String.valueOf(Throwables.sqlState(error)))
                        && ErrorStanding.of(error) == ErrorStanding.FATAL
                        && SqlText.isCommit(sql)
                ? new CommitOutcomeUnknownException(
                        manager, id == null ? null : id.id(), id == null ? null : id.incarnation(), error)
                : error;
    }
}
