package io.github.pgmanaged;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;

/**
 * The connection was lost while COMMIT was under way: the transaction is either committed or rolled back, and only the
 * server knows which. Do not repeat the work without looking. SQLState 08007 (transaction_resolution_unknown).
 */
public final class CommitOutcomeUnknownException extends SQLNonTransientConnectionException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param manager the manager's text
     * @param cause what the driver said
     */
    public CommitOutcomeUnknownException(String manager, SQLException cause) {
        super(
                "The connection of " + manager + " was lost while COMMIT was under way, so the transaction may or may"
                        + " not be committed; the session is closed and the next lease opens a new one. Look in the"
                        + " database before you repeat the work.",
                "08007",
                cause);
    }
}
