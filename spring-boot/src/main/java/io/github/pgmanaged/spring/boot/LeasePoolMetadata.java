package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.ManagedConnection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;

/**
 * One connection, as Boot's {@code jdbc.connections.*} show a pool. Never blocks.
 *
 * <p>Thread safety: immutable.
 */
record LeasePoolMetadata(ManagedConnection manager) implements DataSourcePoolMetadata {
    /** The metadata of a data source; null if it is no manager's. */
    static @Nullable DataSourcePoolMetadata of(DataSource source) {
        return manager(source).map(LeasePoolMetadata::new).orElse(null);
    }

    /** The manager whose leases a data source gives out; empty if it is none's. */
    static Optional<ManagedConnection> manager(DataSource source) {
        try {
            return source.isWrapperFor(ManagedConnection.class)
                    ? Optional.of(source.unwrap(ManagedConnection.class))
                    : Optional.empty();
        } catch (SQLException | RuntimeException e) { // a foreign data source's
            return Optional.empty();
        }
    }

    @Override
    public Float getUsage() {
        return (float) getActive();
    }

    @Override
    public Integer getActive() {
        return manager.holder().isPresent() ? 1 : 0;
    }

    @Override
    public Integer getIdle() {
        return manager.isOpen() && manager.holder().isEmpty() ? 1 : 0;
    }

    @Override
    public Integer getMax() {
        return 1;
    }

    @Override
    public Integer getMin() {
        return 0;
    }

    /** None: the driver's own ping is cheaper. */
    @Override
    public @Nullable String getValidationQuery() {
        return null;
    }

    /** As the manager was told. */
    @Override
    public @Nullable Boolean getDefaultAutoCommit() {
        return null;
    }
}
