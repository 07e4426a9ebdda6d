package io.github.pgmanaged.peers;

import io.github.pgmanaged.peers.pools.Agroal;
import io.github.pgmanaged.peers.pools.C3p0;
import io.github.pgmanaged.peers.pools.Dbcp2;
import io.github.pgmanaged.peers.pools.EbeanDataSource;
import io.github.pgmanaged.peers.pools.HikariCp;
import io.github.pgmanaged.peers.pools.PgManaged;
import io.github.pgmanaged.peers.pools.PgPooling;
import io.github.pgmanaged.peers.pools.SpringSingle;
import io.github.pgmanaged.peers.pools.TomcatJdbc;
import io.github.pgmanaged.peers.pools.Vibur;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** All columns of the matrix, ours first. */
final class Peers {
    /** Each as it comes, and with those of its options that help. */
    private static final List<Function<Setup, Peer>> IN_BOTH_SETUPS = List.of(
            PgManaged::new,
            HikariCp::new,
            Agroal::new,
            Dbcp2::new,
            TomcatJdbc::new,
            C3p0::new,
            Vibur::new,
            EbeanDataSource::new,
            SpringSingle::new);

    private Peers() {}

    static List<Peer> ours() {
        return List.of(new PgManaged(Setup.DEFAULT), new PgManaged(Setup.BEST));
    }

    static List<Peer> all() {
        return Stream.concat(
                        IN_BOTH_SETUPS.stream()
                                .flatMap(peer -> Setup.COMPARED.stream().map(peer)),
                        Stream.of(new PgPooling(Setup.DEFAULT)))
                .toList();
    }
}
