package io.github.pgmanaged.peers.pools;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.Target;
import io.github.pgmanaged.peers.Versions;

/** HikariCP. */
public record HikariCp(Setup setup) implements Peer {
    @Override
    public String name() {
        return "HikariCP";
    }

    @Override
    public String version() {
        return Versions.of(HikariDataSource.class);
    }

    @Override
    public String configuration() {
        return "maximumPoolSize=1, connectionTimeout=2s"
                + (setup == Setup.BEST ? ", autoCommit=false, validationTimeout=1s, leakDetectionThreshold=2s" : "");
    }

    @Override
    public Pool open(Target target) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(target.url());
        config.setUsername(target.user());
        config.setPassword(target.password());
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(ACQUIRE_TIMEOUT.toMillis());
        if (setup == Setup.BEST) {
            config.setAutoCommit(false);
            config.setValidationTimeout(1_000);
            config.setLeakDetectionThreshold(2_000);
        }
        HikariDataSource source = new HikariDataSource(config);
        return new Pool(source, source::getConnection, source);
    }
}
