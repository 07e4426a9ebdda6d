package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.CommitOutcome;
import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.Work;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.fence.TransactionId;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.time.Deadline;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks the server what became of a transaction, on a lease of its own.
 *
 * <p>Thread safety: safe.
 */
final class CommitQuestion implements VerifiedTransaction.Question {
    private final HoldingSlot slot;
    private final Asking asking;
    private final Duration patience;
    private final boolean waits;

    /** Gets the lease to ask on. */
    @FunctionalInterface
    interface Asking {
        /** Acquires one, in a pause, too, unless it is drained; zero only says not to wait for another lease. */
        FencedConnection acquire(Duration timeout) throws SQLException;
    }

    /** For a manager's transactions; with so much time altogether. */
    CommitQuestion(HoldingSlot slot, Asking asking, Duration patience, Options options) {
        this.slot = slot;
        this.asking = asking;
        this.patience = patience;
        this.waits = !options.acquireTimeout().isZero();
    }

    @Override
    public Duration patience() {
        return patience;
    }

    @Override
    public CommitOutcome outcomeOf(CommitOutcomeUnknownException unknown, Deadline deadline) throws SQLException {
        String incarnation = unknown.incarnation();
        if (unknown.transactionId() == null || incarnation == null) {
            return CommitOutcome.UNKNOWN;
        }
        TransactionId id = new TransactionId(unknown.transactionId(), incarnation);
        Work<CommitOutcome, RuntimeException> question = connection -> {
            Holding turn = slot.current();
            Session session = turn == null || turn.lease() != connection ? null : turn.session();
            if (session == null) { // the lease was taken away already: this says so
                return id.outcome(connection);
            }
            @Nullable CommitOutcome[] outcome = new CommitOutcome[1];
            session.within(deadline, () -> outcome[0] = id.outcome(connection));
            return Objects.requireNonNull(outcome[0]);
        };
        Duration timeout = waits ? Duration.ofNanos(Math.max(1, deadline.left())) : Duration.ZERO;
        return asking.acquire(timeout).use(question);
    }
}
