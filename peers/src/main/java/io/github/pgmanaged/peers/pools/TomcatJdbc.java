package io.github.pgmanaged.peers.pools;

import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.Target;
import io.github.pgmanaged.peers.Versions;
import java.sql.Connection;
import org.apache.tomcat.jdbc.pool.DataSource;
import org.apache.tomcat.jdbc.pool.PoolProperties;

/** The Tomcat JDBC Connection Pool. */
public record TomcatJdbc(Setup setup) implements Peer {
    @Override
    public String name() {
        return "Tomcat JDBC";
    }

    @Override
    public String version() {
        return Versions.of(DataSource.class);
    }

    @Override
    public String configuration() {
        return "initialSize=1, maxActive=1, maxWait=" + setup.timeout()
                + (setup == Setup.FAST
                        ? ", defaultAutoCommit=false, rollbackOnReturn=true, jdbcInterceptors=ConnectionState"
                        : "")
                + (setup == Setup.BEST
                        ? ", defaultAutoCommit=false, defaultReadOnly=false, defaultTransactionIsolation=READ_COMMITTED,"
                                + " rollbackOnReturn=true, testOnBorrow=true, validationInterval=0,"
                                + " validationQueryTimeout=1s, jdbcInterceptors=ConnectionState;StatementFinalizer;"
                                + "StatementDecoratorInterceptor;ResetAbandonedTimer,"
                                + " removeAbandoned=true, removeAbandonedTimeout=6s,"
                                + " timeBetweenEvictionRunsMillis=1000, logAbandoned=true, propagateInterruptState=true"
                        : "");
    }

    @Override
    public Pool open(Target target) {
        PoolProperties properties = new PoolProperties();
        if (setup != Setup.FAST) { // there the URL finds its driver
            properties.setDriverClassName("org.postgresql.Driver");
        }
        properties.setUrl(target.url());
        properties.setUsername(target.user());
        properties.setPassword(target.password());
        properties.setInitialSize(1);
        properties.setMinIdle(1);
        properties.setMaxIdle(1);
        properties.setMaxActive(1);
        properties.setMaxWait((int) setup.acquireTimeout().toMillis());
        if (setup == Setup.BEST) {
            properties.setDefaultAutoCommit(false); // or rollbackOnReturn does nothing
            properties.setDefaultReadOnly(false);
            properties.setDefaultTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            properties.setRollbackOnReturn(true);
            properties.setTestOnBorrow(true);
            properties.setValidationInterval(0);
            properties.setValidationQueryTimeout(1);
            properties.setJdbcInterceptors(
                    "ConnectionState;StatementFinalizer;StatementDecoratorInterceptor;ResetAbandonedTimer");
            properties.setRemoveAbandoned(true);
            properties.setRemoveAbandonedTimeout(6);
            properties.setTimeBetweenEvictionRunsMillis(1_000);
            properties.setLogAbandoned(true);
            properties.setPropagateInterruptState(true);
        }
        if (setup == Setup.FAST) {
            properties.setDefaultAutoCommit(false);
            properties.setRollbackOnReturn(true);
            properties.setJdbcInterceptors("ConnectionState"); // or what a borrower sets stays set
        }
        DataSource source = new DataSource(properties);
        return new Pool(source, source::getConnection, () -> source.close(true));
    }
}
