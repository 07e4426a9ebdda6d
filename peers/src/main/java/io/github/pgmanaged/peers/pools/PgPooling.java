package io.github.pgmanaged.peers.pools;

import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.Target;
import io.github.pgmanaged.peers.Versions;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.ds.PGPoolingDataSource;

/** pgjdbc's own pool, deprecated and still there. It has no option that would help. */
@SuppressWarnings("deprecation")
public record PgPooling(Setup setup) implements Peer {
    private static final AtomicInteger NAMES = new AtomicInteger();

    @Override
    public String name() {
        return "PGPoolingDataSource";
    }

    @Override
    public String version() {
        return Versions.of(PGPoolingDataSource.class);
    }

    @Override
    public String configuration() {
        return "maxConnections=1; it has no timeout";
    }

    @Override
    public Pool open(Target target) {
        PGPoolingDataSource source = new PGPoolingDataSource();
        source.setDataSourceName("matrix" + NAMES.incrementAndGet());
        source.setURL(target.url());
        source.setUser(target.user());
        source.setPassword(target.password());
        source.setMaxConnections(1);
        return new Pool(source, source::getConnection, source::close);
    }
}
