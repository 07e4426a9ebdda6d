package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.internal.EventSource;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The manager for code that wants a {@link DataSource}: each connection is a lease.
 *
 * <p>Thread safety: safe.
 */
public class LeaseDataSource implements DataSource {
    private final Leasing leasing;
    private final Duration acquireTimeout;
    private final boolean autoCommit;

    /** The manager, which is named in messages, and which it unwraps to. */
    private final Object manager;

    /** A data source of a manager's leases, which begin with autocommit on or off. */
    public LeaseDataSource(Leasing leasing, Duration acquireTimeout, boolean autoCommit, Object manager) {
        this.leasing = leasing;
        this.acquireTimeout = acquireTimeout;
        this.autoCommit = autoCommit;
        this.manager = manager;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return leasing.acquire(acquireTimeout, autoCommit).closedUnheard();
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException(
                manager + " has one session with one user: name the user in the conninfo.", "0A000");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
        throw new SQLFeatureNotSupportedException("pgmanaged logs through slf4j.", "0A000");
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        throw new SQLFeatureNotSupportedException(
                "Set acquireTimeout on the builder, and connect_timeout in the conninfo.", "0A000");
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("pgmanaged logs through slf4j.", "0A000");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type != null && type.isInstance(this)) {
            return type.cast(this);
        }
        if (type != null && type.isInstance(manager)) {
            return type.cast(manager);
        }
        if (type == EventSource.class) { // which applications do not see
            return type.cast(leasing);
        }
        throw new SQLException(
                "Cannot unwrap to " + (type == null ? "null" : type.getName()) + ": a " + this
                        + " unwraps to a ManagedConnection.",
                "22023");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type != null && (type.isInstance(this) || type.isInstance(manager) || type == EventSource.class);
    }

    @Override
    public String toString() {
        return "DataSource of " + manager;
    }
}
