package io.github.pgmanaged;

import java.sql.SQLTransientConnectionException;

/** As many threads waited already as {@code maxWaiting} allows, so this one was turned away at once. SQLState 08001. */
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
                "No lease of " + manager + ": maxWaiting(" + maxWaiting + ") threads wait for it already. Try again"
                        + " later, hold leases for less time, or raise maxWaiting.",
                "08001");
    }
}
