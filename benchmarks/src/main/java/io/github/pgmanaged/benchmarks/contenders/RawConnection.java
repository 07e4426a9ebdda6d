package io.github.pgmanaged.benchmarks.contenders;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.postgresql.util.DriverInfo;

/** The driver's connection itself, for one thread. */
record RawConnection() implements Contender {
    static Connection connect(Place place) throws SQLException {
        Connection connection = DriverManager.getConnection(place.url());
        connection.setAutoCommit(false);
        return connection;
    }

    static String driver() {
        return "pgjdbc " + DriverInfo.DRIVER_VERSION;
    }

    @Override
    public String name() {
        return Contenders.RAW;
    }

    @Override
    public String version() {
        return driver();
    }

    @Override
    public String configuration() {
        return "one thread only; autoCommit=false";
    }

    @Override
    public Desk open(Place place) throws SQLException {
        Connection connection = connect(place);
        return new Desk() {
            @Override
            public Connection take() {
                return connection;
            }

            @Override
            public void giveBack(Connection taken) {}

            @Override
            public void close() throws SQLException {
                connection.close();
            }
        };
    }
}
