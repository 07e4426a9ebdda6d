package io.github.pgmanaged.benchmarks.contenders;

import io.github.pgmanaged.peers.Peer;
import io.github.pgmanaged.peers.Pool;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * A library of the guarantee matrix.
 *
 * @param peer the library and its options
 */
record PoolContender(Peer peer) implements Contender {
    @Override
    public String name() {
        return peer.name();
    }

    @Override
    public String version() {
        return peer.version();
    }

    @Override
    public String configuration() {
        return peer.configuration();
    }

    @Override
    public Desk open(Place place) throws Exception {
        Pool pool = peer.open(place);
        boolean autoCommit;
        try (Connection first = pool.lender().borrow()) {
            autoCommit = first.getAutoCommit();
        }
        return new PoolDesk(pool, autoCommit);
    }

    /** Autocommit is switched off at each borrowing only where the library has no option for that. */
    private record PoolDesk(Pool pool, boolean autoCommit) implements Desk {
        @Override
        public Connection take() throws SQLException {
            Connection connection = pool.lender().borrow();
            if (autoCommit) {
                connection.setAutoCommit(false);
            }
            return connection;
        }

        @Override
        public void close() throws Exception {
            pool.end().close();
        }
    }
}
