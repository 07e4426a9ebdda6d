package io.github.pgmanaged.peers.pools;

import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.Target;
import io.github.pgmanaged.peers.Versions;
import java.sql.Connection;
import java.time.Duration;
import org.apache.commons.dbcp2.BasicDataSource;

/** Apache Commons DBCP. */
public record Dbcp2(Setup setup) implements Peer {
    @Override
    public String name() {
        return "commons-dbcp2";
    }

    @Override
    public String version() {
        return Versions.of(BasicDataSource.class);
    }

    @Override
    public String configuration() {
        return "maxTotal=1, maxWait=" + setup.timeout()
                + (setup == Setup.FAST ? ", defaultAutoCommit=false, autoCommitOnReturn=false, testOnBorrow=false" : "")
                + (setup == Setup.BEST
                        ? ", defaultReadOnly=false, defaultTransactionIsolation=READ_COMMITTED, defaultSchema=public,"
                                + " validationQueryTimeout=1s, fastFailValidation=true, removeAbandonedOnBorrow=true,"
                                + " removeAbandonedTimeout=6s, logAbandoned=true"
                        : "");
    }

    @Override
    public Pool open(Target target) {
        BasicDataSource source = new BasicDataSource();
        source.setUrl(target.url());
        source.setUsername(target.user());
        source.setPassword(target.password());
        source.setMaxTotal(1);
        source.setMaxWait(setup.acquireTimeout());
        if (setup == Setup.BEST) {
            source.setDefaultReadOnly(false);
            source.setDefaultTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            source.setDefaultSchema("public");
            source.setValidationQueryTimeout(Duration.ofSeconds(1));
            source.setFastFailValidation(true);
            source.setRemoveAbandonedOnBorrow(true);
            source.setRemoveAbandonedTimeout(Duration.ofSeconds(6));
            source.setLogAbandoned(true);
        }
        if (setup == Setup.FAST) {
            source.setDefaultAutoCommit(false);
            source.setAutoCommitOnReturn(false);
            source.setTestOnBorrow(false);
        }
        return new Pool(source, source::getConnection, source);
    }
}
