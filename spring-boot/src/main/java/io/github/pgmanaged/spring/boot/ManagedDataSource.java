package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ReentrantAcquireException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

/**
 * The leases of a manager, which it unwraps to. Who asks for a second one in the same thread learns which part of
 * Spring wanted it, and what to set.
 *
 * <p>Thread safety: safe.
 */
final class ManagedDataSource extends DelegatingDataSource {
    private ManagedDataSource(ManagedConnection manager) {
        super(manager.asDataSource());
    }

    static DataSource of(ManagedConnection manager, ConnectionFetch fetch) {
        ManagedDataSource leases = new ManagedDataSource(manager);
        return fetch == ConnectionFetch.LAZY ? new Lazy(leases) : leases;
    }

    @Override
    public Connection getConnection() throws SQLException {
        try {
            return super.getConnection();
        } catch (ReentrantAcquireException e) {
            throw SecondConnection.explained(e);
        }
    }

    /** Of a connection without a statement there is no lease; nor is one taken to learn how connections begin. */
    private static final class Lazy extends LazyConnectionDataSourceProxy {
        Lazy(DataSource leases) {
            setTargetDataSource(leases);
            setDefaultAutoCommit(true);
        }

        /** The isolation is the session's, and Spring's own reads it from a connection that it takes for that. */
        @Override
        public void checkDefaultConnectionProperties() {}
    }
}
