package io.github.pgmanaged.spring.boot;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

/**
 * The leases of a manager, each taken by the first statement. Of a connection without a statement there is none; nor is
 * one taken to learn how connections begin.
 *
 * <p>Thread safety: safe.
 */
final class LazyLeases extends LazyConnectionDataSourceProxy {
    /**
     * Puts itself before a manager's data source.
     *
     * @param autoCommit as it was set; null if it was not
     */
    LazyLeases(DataSource leases, @Nullable Boolean autoCommit) {
        setTargetDataSource(leases);
        setDefaultAutoCommit(autoCommit == null || autoCommit);
    }

    /** The isolation is the session's, and Spring's own reads it from a connection that it takes for that. */
    @Override
    public void checkDefaultConnectionProperties() {}
}
