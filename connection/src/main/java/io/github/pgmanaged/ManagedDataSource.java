package io.github.pgmanaged;

import javax.sql.DataSource;

/**
 * The leases of a manager that was made for this data source, by {@link ManagedConnection#dataSource} or
 * {@link ManagedConnection.Builder#buildDataSource}: closing it closes the manager. So a container that closes its
 * beans leaves no session open. {@code unwrap(ManagedConnection.class)} gives the manager.
 *
 * <p>Each connection is a lease. A second one in the same thread raises {@link ReentrantAcquireException}.
 *
 * <p>Thread safety: safe, and meant to be shared.
 */
public interface ManagedDataSource extends DataSource, AutoCloseable {
    /**
     * Closes the manager, as {@link ManagedConnection#close()} does. After that {@code getConnection()} fails at once
     * (SQLState 08003). Repeated calls do nothing.
     */
    @Override
    void close();
}
