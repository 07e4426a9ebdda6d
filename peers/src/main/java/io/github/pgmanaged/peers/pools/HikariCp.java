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
    private static final String ALWAYS_VALIDATE = "com.zaxxer.hikari.aliveBypassWindowMs";

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
        return "maximumPoolSize=1, connectionTimeout=" + setup.timeout()
                + (setup == Setup.FAST ? ", autoCommit=false" : "")
                + (setup == Setup.BEST
                        ? ", autoCommit=false, schema=public, validationTimeout=1s, leakDetectionThreshold=2s, -D"
                                + ALWAYS_VALIDATE + "=-1"
                        : "");
    }

    @Override
    public Pool open(Target target) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(target.url());
        config.setUsername(target.user());
        config.setPassword(target.password());
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(setup.acquireTimeout().toMillis());
        if (setup == Setup.BEST) {
            config.setAutoCommit(false);
            config.setSchema("public"); // or the schema is not reset
            config.setValidationTimeout(1_000);
            config.setLeakDetectionThreshold(2_000);
        }
        if (setup == Setup.FAST) {
            config.setAutoCommit(false);
        }
        HikariDataSource source = open(config);
        return new Pool(source, source::getConnection, source);
    }

    /** A property of the JVM, which a new pool looks up, is no matter of other pools. */
    private HikariDataSource open(HikariConfig config) {
        synchronized (HikariCp.class) {
            if (setup == Setup.BEST) {
                System.setProperty(ALWAYS_VALIDATE, "-1");
            }
            try {
                return new HikariDataSource(config);
            } finally {
                System.clearProperty(ALWAYS_VALIDATE);
            }
        }
    }
}
