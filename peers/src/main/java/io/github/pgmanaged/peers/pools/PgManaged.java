package io.github.pgmanaged.peers.pools;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.SessionReset;
import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.Target;
import io.github.pgmanaged.peers.Versions;
import java.time.Duration;

/** Ourselves. A caller gets its connection by {@code acquire()}; it begins with autocommit off. */
public record PgManaged(Setup setup) implements Peer {
    @Override
    public String name() {
        return "pgmanaged";
    }

    @Override
    public String version() {
        return Versions.of(ManagedConnection.class);
    }

    @Override
    public String configuration() {
        return "acquireTimeout=" + setup.timeout()
                + (setup == Setup.BEST
                        ? ", sessionReset=FULL, validateAfterIdle=0, verifyCommits=true, leaseIdleTimeout=3s"
                        : "");
    }

    @Override
    public Pool open(Target target) {
        ManagedConnection.Builder builder =
                ManagedConnection.builder(target.conninfo()).acquireTimeout(setup.acquireTimeout());
        if (setup == Setup.BEST) {
            builder.sessionReset(SessionReset.FULL)
                    .validateAfterIdle(Duration.ZERO)
                    .verifyCommits(true)
                    .leaseIdleTimeout(Duration.ofSeconds(3));
        }
        ManagedConnection manager = builder.build();
        return new Pool(manager, manager::acquire, manager);
    }
}
