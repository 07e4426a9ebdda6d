package io.github.pgmanaged;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * The connection was lost while COMMIT was under way: the transaction is either committed or rolled back, and only the
 * server knows which. Do not repeat the work without looking. With {@code verifyCommits} the transaction's ID is known,
 * and {@link ManagedConnection#outcomeOf} asks the server. SQLState 08007 (transaction_resolution_unknown).
 */
public final class CommitOutcomeUnknownException extends SQLNonTransientConnectionException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String transactionId;
    private final @Nullable String incarnation;

    /**
     * Creates the exception.
     *
     * @param manager the manager's text
     * @param transactionId the transaction's ID, if it was asked for and the transaction had written something
     * @param incarnation where that ID counts; null if it was not asked for
     * @param cause what the driver said
     */
    public CommitOutcomeUnknownException(
            String manager, @Nullable String transactionId, @Nullable String incarnation, SQLException cause) {
        super(message(manager, transactionId, incarnation), "08007", cause);
        this.transactionId = transactionId;
        this.incarnation = incarnation;
    }

    /**
     * The ID of the transaction, for {@code pg_xact_status(xid8)}.
     *
     * @return the ID; null if {@code verifyCommits} was not set, or if the transaction had written nothing
     */
    public @Nullable String transactionId() {
        return transactionId;
    }

    /**
     * Where the transaction's ID counts: a text that differs after a crash or a failover.
     *
     * @return the text; null if {@code verifyCommits} was not set
     */
    public @Nullable String incarnation() {
        return incarnation;
    }

    private static String message(String manager, @Nullable String transactionId, @Nullable String incarnation) {
        String fate = "may or may not be committed";
        String advice = " Look in the database before you repeat the work, or set verifyCommits.";
        if (transactionId != null) {
            fate = "(ID " + transactionId + ") " + fate;
            advice = " Ask outcomeOf, or look in the database, before you repeat the work.";
        } else if (incarnation != null) {
            fate += ", but it had written nothing";
            advice = "";
        }
        return "The connection of " + manager + " was lost while COMMIT was under way, so the transaction " + fate
                + "; the session is closed and the next lease opens a new one." + advice;
    }
}
