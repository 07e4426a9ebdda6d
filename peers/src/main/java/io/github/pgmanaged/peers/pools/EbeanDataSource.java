package io.github.pgmanaged.peers.pools;

import io.ebean.datasource.DataSourceBuilder;
import io.ebean.datasource.DataSourcePool;
import io.ebean.datasource.pool.ConnectionPoolFactory;
import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.Target;
import io.github.pgmanaged.peers.Versions;

/** ebean-datasource. */
public record EbeanDataSource(Setup setup) implements Peer {
    @Override
    public String name() {
        return "ebean-datasource";
    }

    @Override
    public String version() {
        return Versions.of(ConnectionPoolFactory.class);
    }

    @Override
    public String configuration() {
        return "minConnections=1, maxConnections=1, waitTimeoutMillis=2000"
                + (setup == Setup.BEST
                        ? ", enforceCleanClose=true, validateOnHeartbeat=true, heartbeatFreqSecs=1,"
                                + " heartbeatTimeoutSeconds=1, captureStackTrace=true, leakTimeMinutes=1"
                        : "");
    }

    @Override
    public Pool open(Target target) {
        DataSourceBuilder builder = DataSourceBuilder.create()
                .name("matrix")
                .url(target.url())
                .username(target.user())
                .password(target.password())
                .minConnections(1)
                .maxConnections(1)
                .waitTimeoutMillis((int) ACQUIRE_TIMEOUT.toMillis());
        if (setup == Setup.BEST) {
            builder.enforceCleanClose(true)
                    .validateOnHeartbeat(true)
                    .heartbeatFreqSecs(1)
                    .heartbeatTimeoutSeconds(1)
                    .captureStackTrace(true)
                    .leakTimeMinutes(1);
        }
        DataSourcePool source = builder.build();
        return new Pool(source, source::getConnection, source::shutdown);
    }
}
