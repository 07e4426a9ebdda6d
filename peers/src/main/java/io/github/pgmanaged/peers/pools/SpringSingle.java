package io.github.pgmanaged.peers.pools;

import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.Target;
import io.github.pgmanaged.peers.Versions;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Spring's SingleConnectionDataSource. Without suppressClose it could be borrowed from once, and never again. */
public record SpringSingle(Setup setup) implements Peer {
    @Override
    public String name() {
        return "Spring SingleConnection";
    }

    @Override
    public String version() {
        return Versions.of(SingleConnectionDataSource.class);
    }

    @Override
    public String configuration() {
        return "suppressClose=true" + (setup == Setup.BEST ? ", rollbackBeforeClose=true, autoCommit=true" : "");
    }

    @Override
    public Pool open(Target target) {
        SingleConnectionDataSource source =
                new SingleConnectionDataSource(target.url(), target.user(), target.password(), true);
        if (setup == Setup.BEST) {
            source.setRollbackBeforeClose(true);
            source.setAutoCommit(true);
        }
        return new Pool(source, source::getConnection, source);
    }
}
