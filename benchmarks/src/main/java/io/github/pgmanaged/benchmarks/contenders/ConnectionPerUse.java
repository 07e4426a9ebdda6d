package io.github.pgmanaged.benchmarks.contenders;

import java.sql.Connection;
import java.sql.SQLException;

/** A connection opened for each use and closed after it. */
record ConnectionPerUse() implements Contender {
    @Override
    public String name() {
        return Contenders.PER_USE;
    }

    @Override
    public String version() {
        return RawConnection.driver();
    }

    @Override
    public String configuration() {
        return "each use opens a connection and closes it; autoCommit=false";
    }

    @Override
    public Desk open(Place place) {
        return new Desk() {
            @Override
            public Connection take() throws SQLException {
                return RawConnection.connect(place);
            }

            @Override
            public void close() {}
        };
    }
}
