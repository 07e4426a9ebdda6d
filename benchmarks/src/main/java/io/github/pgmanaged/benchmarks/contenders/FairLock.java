package io.github.pgmanaged.benchmarks.contenders;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;

/** What one would write: a fair lock around the driver's connection. It guards nothing and cleans nothing up. */
record FairLock() implements Contender {
    @Override
    public String name() {
        return Contenders.FAIR_LOCK;
    }

    @Override
    public String version() {
        return "JDK " + Runtime.version().feature();
    }

    @Override
    public String configuration() {
        return "new ReentrantLock(true); autoCommit=false";
    }

    @Override
    public Desk open(Place place) throws SQLException {
        Connection connection = RawConnection.connect(place);
        ReentrantLock lock = new ReentrantLock(true);
        return new Desk() {
            @Override
            public Connection take() {
                lock.lock();
                return connection;
            }

            @Override
            public void giveBack(Connection taken) {
                lock.unlock();
            }

            @Override
            public void close() throws SQLException {
                connection.close();
            }
        };
    }
}
