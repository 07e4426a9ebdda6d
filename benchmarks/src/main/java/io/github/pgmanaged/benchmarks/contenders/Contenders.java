package io.github.pgmanaged.benchmarks.contenders;

import io.github.pgmanaged.peers.Setup;
import io.github.pgmanaged.peers.pools.Agroal;
import io.github.pgmanaged.peers.pools.C3p0;
import io.github.pgmanaged.peers.pools.Dbcp2;
import io.github.pgmanaged.peers.pools.HikariCp;
import io.github.pgmanaged.peers.pools.PgManaged;
import io.github.pgmanaged.peers.pools.TomcatJdbc;
import io.github.pgmanaged.peers.pools.Vibur;
import java.util.List;
import java.util.stream.Stream;

/** All contenders, ours first. Thread safety: safe. */
public final class Contenders {
    /** Ours. */
    public static final String OURS = "pgmanaged";
    /** The pool that most people use. */
    public static final String HIKARI = "HikariCP";
    /** The pool that is fastest with nothing to do. */
    public static final String AGROAL = "Agroal";
    /** A lock around the driver's connection. */
    public static final String FAIR_LOCK = "fair lock";
    /** The driver's connection. */
    public static final String RAW = "raw connection";
    /** A connection for each use. */
    public static final String PER_USE = "connection per use";

    private static final List<Contender> ALL = Stream.<Contender>concat(
                    Stream.of(
                                    new PgManaged(Setup.FAST),
                                    new HikariCp(Setup.FAST),
                                    new Agroal(Setup.FAST),
                                    new Dbcp2(Setup.FAST),
                                    new Vibur(Setup.FAST),
                                    new TomcatJdbc(Setup.FAST),
                                    new C3p0(Setup.FAST))
                            .map(PoolContender::new),
                    Stream.of(new FairLock(), new RawConnection(), new ConnectionPerUse()))
            .toList();

    private Contenders() {}

    /**
     * All of them.
     *
     * @return in the order of tables
     */
    public static List<Contender> all() {
        return ALL;
    }

    /**
     * One of them.
     *
     * @param name its name
     * @return the contender
     */
    public static Contender named(String name) {
        return ALL.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name + " is none of "
                        + ALL.stream().map(Contender::name).toList()));
    }

    /**
     * The other libraries.
     *
     * @return their names
     */
    public static List<String> pools() {
        return ALL.stream()
                .filter(each -> each instanceof PoolContender)
                .map(Contender::name)
                .filter(name -> !name.equals(OURS))
                .toList();
    }
}
