package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.CommitOutcome;
import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.Work;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A transaction of {@code inTransaction} with {@code verifyCommits}: if the answer to its COMMIT is lost, the server is
 * asked what became of it.
 *
 * <p>Thread safety: none; used by one thread.
 */
public final class VerifiedTransaction<R extends @Nullable Object> {
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final String manager;
    private boolean committing;
    private @Nullable R result;

    /** Asks the server what became of a transaction. */
    public interface Question {
        /** How long asking may take. */
        Duration patience();

        /** Asks, and is over by the deadline. */
        CommitOutcome outcomeOf(CommitOutcomeUnknownException unknown, Deadline deadline) throws SQLException;
    }

    /** A transaction of a manager that is named so in messages. */
    public VerifiedTransaction(String manager) {
        this.manager = manager;
    }

    /** Does the work, and commits. */
    public <X extends Exception> R run(Lease lease, Work<R, X> work) throws SQLException, X {
        R returned = work.run(lease);
        result = returned;
        committing = true;
        lease.commit();
        return returned;
    }

    /**
     * Finds out what became of the transaction.
     *
     * @return the work's result, if it is committed
     * @throws SQLTransactionRollbackException if it is rolled back
     * @throws CommitOutcomeUnknownException if the server cannot say, or was not asked for this transaction
     */
    @SuppressWarnings("NullAway") // the result is what the work has returned, null or not
    public R verified(CommitOutcomeUnknownException unknown, Question question) throws SQLException {
        if (!committing || unknown.transactionId() == null) {
            throw unknown;
        }
        CommitOutcome outcome = outcomeOf(unknown, question, Deadline.after(question.patience()));
        if (outcome == CommitOutcome.COMMITTED) {
            Log.detachedInfo("{} The server says: committed.", unknown.getMessage());
            return result;
        }
        if (outcome == CommitOutcome.ROLLED_BACK) {
            throw new SQLTransactionRollbackException(
                    "The connection of " + manager + " was lost during COMMIT, and the server says that"
                            + " transaction " + unknown.transactionId()
                            + " is rolled back: nothing of it is committed, and the work can be repeated, but for"
                            + " what it has committed itself.",
                    "40000",
                    unknown);
        }
        throw unknown;
    }

    private CommitOutcome outcomeOf(CommitOutcomeUnknownException unknown, Question question, Deadline deadline)
            throws CommitOutcomeUnknownException {
        try {
            CommitOutcome outcome = question.outcomeOf(unknown, deadline);
            while (outcome == CommitOutcome.IN_PROGRESS
                    && deadline.left() > INTERVAL_NANOS
                    && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(this, INTERVAL_NANOS);
                outcome = question.outcomeOf(unknown, deadline);
            }
            return outcome;
        } catch (SQLException trouble) {
            Throwables.suppress(unknown, trouble);
            throw unknown;
        }
    }
}
