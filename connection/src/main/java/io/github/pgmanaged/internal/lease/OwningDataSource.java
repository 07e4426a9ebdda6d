package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.ManagedDataSource;
import java.time.Duration;

/**
 * The leases of a manager that was made for this, and ends with it.
 *
 * <p>Thread safety: safe.
 */
public final class OwningDataSource extends LeaseDataSource implements ManagedDataSource {
    private final Runnable closeManager;

    /** A data source of a manager's leases, which begin with autocommit on or off, and of its end. */
    public OwningDataSource(
            Leasing leasing, Duration acquireTimeout, boolean autoCommit, Object manager, Runnable closeManager) {
        super(leasing, acquireTimeout, autoCommit, manager);
        this.closeManager = closeManager;
    }

    @Override
    public void close() {
        closeManager.run();
    }
}
