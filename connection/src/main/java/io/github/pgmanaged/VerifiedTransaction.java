package io.github.pgmanaged;

import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A transaction of {@code inTransaction} with {@code verifyCommits}: if the answer to its COMMIT is lost, the server is
 * asked what became of it.
 *
 * <p>Thread safety: none; used by one thread.
 */
final class VerifiedTransaction<R extends @Nullable Object> {
    private static final Logger LOG = LoggerFactory.getLogger(ManagedConnection.class);
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ManagedConnection manager;
    private final Duration patience;
    private boolean committing;
    private @Nullable R result;

    VerifiedTransaction(ManagedConnection manager, Duration patience) {
        this.manager = manager;
        this.patience = patience;
    }

    /** Does the work, and commits. */
    <X extends Exception> R run(Lease lease, Work<R, X> work) throws SQLException, X {
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
    R verified(CommitOutcomeUnknownException unknown) throws SQLException {
        if (!committing || unknown.transactionId() == null) {
            throw unknown;
        }
        CommitOutcome outcome = outcomeOf(unknown);
        if (outcome == CommitOutcome.COMMITTED) {
            LOG.info("{} The server says: committed.", unknown.getMessage());
            return result;
        }
        if (outcome == CommitOutcome.ROLLED_BACK) {
            throw new SQLTransactionRollbackException(
                    "The connection of " + manager + " was lost while COMMIT was under way, and the server says that"
                            + " transaction " + unknown.transactionId()
                            + " is rolled back: nothing of it is committed, and the work can be repeated.",
                    "40000",
                    unknown);
        }
        throw unknown;
    }

    private CommitOutcome outcomeOf(CommitOutcomeUnknownException unknown) throws CommitOutcomeUnknownException {
        long begun = System.nanoTime();
        try {
            CommitOutcome outcome = manager.outcomeOf(unknown);
            while (outcome == CommitOutcome.IN_PROGRESS
                    && System.nanoTime() - begun < Config.nanos(patience)
                    && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(this, INTERVAL_NANOS);
                outcome = manager.outcomeOf(unknown);
            }
            return outcome;
        } catch (SQLException trouble) {
            unknown.addSuppressed(trouble);
            throw unknown;
        }
    }
}
