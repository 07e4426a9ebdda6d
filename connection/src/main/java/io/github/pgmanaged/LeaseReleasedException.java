package io.github.pgmanaged;

import java.sql.SQLNonTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * A call on a lease, or on a handle that came from it, after the lease was released, revoked or lost. The call did not
 * reach the session. SQLState 08003 (connection_does_not_exist).
 *
 * <p>Every call raises it, including those methods of pgjdbc's interfaces that declare no exception.
 */
public final class LeaseReleasedException extends SQLNonTransientConnectionException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param manager the manager's text
     */
    public LeaseReleasedException(String manager) {
        super(
                "This lease of " + manager + " has been released; the call did not reach the session. Acquire a new"
                        + " lease, and keep no statement or result set of an old one.",
                "08003");
    }

    /**
     * Creates the exception for a lease that was revoked.
     *
     * @param message why
     * @param cause usually null
     */
    public LeaseReleasedException(String message, @Nullable Throwable cause) {
        super(message, "08003", cause);
    }
}
