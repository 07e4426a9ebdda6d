package io.github.pgmanaged;

import java.sql.SQLNonTransientException;

/**
 * The thread that acquired the live lease asked for another one. It would wait for itself, so it is told at once.
 * SQLState 55006 (object_in_use).
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
                        + " changed. Pass the lease on to the code that asks again, or release it first.",
                "55006");
    }
}
