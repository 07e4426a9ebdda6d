package io.github.pgmanaged;

import java.sql.SQLNonTransientException;

/**
 * A thread that holds the lease tried to acquire it again. It would wait for itself, so the call fails at once. So does
 * an acquisition by the data source or the {@code onOpen} hook while it opens the session. SQLState 55006
 * (object_in_use).
 */
public final class ReentrantAcquireException extends SQLNonTransientException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param manager the manager's text
     */
    public ReentrantAcquireException(String manager) {
        super(
                "This thread holds the lease of " + manager + " already and would wait for itself; nothing was"
                        + " changed. Pass the lease to the code that acquires again, or release it first.",
                "55006");
    }
}
