package io.github.pgmanaged;

import java.sql.SQLTransientConnectionException;

/** An acquisition failed at once because {@code maxWaiting} threads were waiting already. SQLState 08001. */
public final class AcquireRejectedException extends SQLTransientConnectionException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param manager the manager's text
     * @param maxWaiting the option's value
     */
    public AcquireRejectedException(String manager, int maxWaiting) {
        super(
                "No lease of " + manager + ": maxWaiting(" + maxWaiting + ") threads are waiting already; nothing was"
                        + " changed. Retry later, hold leases for less time, or raise maxWaiting.",
                "08001");
    }
}
