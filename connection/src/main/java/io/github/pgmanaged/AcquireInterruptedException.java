package io.github.pgmanaged;

import java.sql.SQLTransientConnectionException;

/**
 * A thread was interrupted while waiting for a lease or its session. It holds no lease, and its interrupt flag is set.
 * SQLState 08001.
 */
public final class AcquireInterruptedException extends SQLTransientConnectionException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param manager the manager's text
     * @param cause the interrupt
     */
    public AcquireInterruptedException(String manager, InterruptedException cause) {
        super(
                "Interrupted while waiting for a lease of " + manager
                        + "; no lease was acquired, and the interrupt flag is set.",
                "08001",
                cause);
    }
}
