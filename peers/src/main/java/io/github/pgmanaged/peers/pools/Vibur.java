package io.github.pgmanaged.peers.pools;

import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.Target;
import io.github.pgmanaged.peers.Versions;
import org.vibur.dbcp.ViburDBCPDataSource;

/** Vibur DBCP. */
public record Vibur(Setup setup) implements Peer {
    @Override
    public String name() {
        return "Vibur";
    }

    @Override
    public String version() {
        return Versions.of(ViburDBCPDataSource.class);
    }

    @Override
    public String configuration() {
        return "poolInitialSize=1, poolMaxSize=1, connectionTimeout=" + setup.timeout()
                + (setup == Setup.FAST ? ", defaultAutoCommit=false" : "")
                + (setup == Setup.BEST
                        ? ", resetDefaultsAfterUse=true, defaultAutoCommit=true, defaultReadOnly=false,"
                                + " defaultTransactionIsolation=READ_COMMITTED, connectionIdleLimit=0,"
                                + " validateTimeout=1s, useNetworkTimeout=true"
                        : "");
    }

    @Override
    public Pool open(Target target) {
        ViburDBCPDataSource source = new ViburDBCPDataSource();
        source.setJdbcUrl(target.url());
        source.setUsername(target.user());
        source.setPassword(target.password());
        source.setPoolInitialSize(1);
        source.setPoolMaxSize(1);
        source.setConnectionTimeoutInMs(setup.acquireTimeout().toMillis());
        if (setup == Setup.BEST) {
            source.setResetDefaultsAfterUse(true);
            source.setDefaultAutoCommit(true);
            source.setDefaultReadOnly(false);
            source.setDefaultTransactionIsolation("READ_COMMITTED");
            source.setConnectionIdleLimitInSeconds(0);
            source.setValidateTimeoutInSeconds(1);
            source.setUseNetworkTimeout(true);
            source.setNetworkTimeoutExecutor(Runnable::run);
        }
        if (setup == Setup.FAST) {
            source.setDefaultAutoCommit(false);
        }
        source.start();
        return new Pool(source, source::getConnection, source);
    }
}
