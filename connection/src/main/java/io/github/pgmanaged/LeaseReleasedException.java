package io.github.pgmanaged;

import java.sql.SQLNonTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * A call on a lease, or on something that came from it, after the lease was released. The call did not reach the
 * session. SQLState 08003 (connection_does_not_exist).
 *
 * <p>Every call raises it, those of pgjdbc's interfaces too that declare no exception.
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
     * Creates the exception for a lease that was taken away.
     *
     * @param message why
     * @param cause none, as a rule
     */
    public LeaseReleasedException(String message, @Nullable Throwable cause) {
        super(message, "08003", cause);
    }
}
