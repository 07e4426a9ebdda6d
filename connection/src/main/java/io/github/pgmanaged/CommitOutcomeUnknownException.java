package io.github.pgmanaged;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * The connection was lost during {@code commit()}, a COMMIT in SQL, or a statement that commits by itself, as every
 * statement does under autocommit: what it was to commit is either committed or not, and only the server knows which.
 * Check the database before retrying the work. With {@code verifyCommits} the ID of a transaction that {@code commit()}
 * was to end is known, and {@link ManagedConnection#outcomeOf} asks the server. SQLState 08007
 * (transaction_resolution_unknown).
 *
 * <p>On a lease that raised it, {@code rollback()}, {@code setAutoCommit} and {@code close()} raise it again: another
 * object that says the same.
 */
public final class CommitOutcomeUnknownException extends SQLNonTransientConnectionException {
    private static final long serialVersionUID = 1L;

    /** The transaction's ID; null if it is not known. */
    private final @Nullable String transactionId;

    /** The server's incarnation, in which that ID is valid; null if it is not known. */
    private final @Nullable String incarnation;

    /**
     * Creates the exception.
     *
     * @param manager the manager's text
     * @param transactionId the transaction's ID; null if {@code verifyCommits} was not set, or if the transaction had
     *     written nothing
     * @param incarnation the server's incarnation, in which that ID is valid; null if {@code verifyCommits} was not set
     * @param cause the driver's exception; null if it has been told already
     */
    public CommitOutcomeUnknownException(
            String manager,
            @Nullable String transactionId,
            @Nullable String incarnation,
            @Nullable SQLException cause) {
        super(message(manager, transactionId, incarnation), "08007", cause);
        this.transactionId = transactionId;
        this.incarnation = incarnation;
    }

    /**
     * Creates the exception for a statement.
     *
     * @param manager the manager's text
     * @param statement the statement that commits, or commits by itself, without secrets
     * @param cause the driver's exception; null if it has been told already
     */
    public CommitOutcomeUnknownException(String manager, String statement, @Nullable SQLException cause) {
        super(
                "The connection of " + manager + " was lost during a statement that commits, or that commits by itself"
                        + " under autocommit, so its work may or may not be committed: " + statement
                        + "; the session is closed and the next lease opens a new one. Check the database before you"
                        + " retry it, unless it only reads. The server can be asked only for a commit() with"
                        + " verifyCommits.",
                "08007",
                cause);
        this.transactionId = null;
        this.incarnation = null;
    }

    /**
     * The ID of the transaction, for {@code pg_xact_status(xid8)}.
     *
     * @return the ID; null if {@code verifyCommits} was not set, if the transaction had written nothing, or if a
     *     statement committed
     */
    public @Nullable String transactionId() {
        return transactionId;
    }

    /**
     * The server's incarnation, in which the transaction's ID is valid: a text that differs after a crash or a
     * failover.
     *
     * @return the text; null if {@code verifyCommits} was not set
     */
    public @Nullable String incarnation() {
        return incarnation;
    }

    private static String message(String manager, @Nullable String transactionId, @Nullable String incarnation) {
        String fate = "may or may not be committed";
        String advice = " Check the database before you retry the work, or set verifyCommits.";
        if (transactionId != null) {
            fate = "(ID " + transactionId + ") " + fate;
            advice = " Call outcomeOf, or check the database, before you retry the work.";
        } else if (incarnation != null) {
            fate += ", but it had written nothing";
            advice = "";
        }
        return "The connection of " + manager + " was lost during COMMIT, so the transaction " + fate
                + "; the session is closed and the next lease opens a new one." + advice;
    }
}
