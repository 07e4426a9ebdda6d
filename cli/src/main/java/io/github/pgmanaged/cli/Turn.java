package io.github.pgmanaged.cli;

import io.github.pgmanaged.Action;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** One turn at the shared connection: a transfer, and the ways to a lease, each of which notes how long it waited. */
record Turn(ManagedConnection manager, Bank bank, Conduct conduct, Transfer transfer) {
    Lease acquire() throws SQLException {
        long asked = System.nanoTime();
        Lease lease = manager.acquire();
        conduct.waited(System.nanoTime() - asked);
        return lease;
    }

    /** By the way of code that knows nothing of leases. */
    Connection getConnection() throws SQLException {
        long asked = System.nanoTime();
        Connection connection = manager.asDataSource().getConnection();
        conduct.waited(System.nanoTime() - asked);
        return connection;
    }

    <X extends Exception> void useConnection(Action<X> action) throws SQLException, X {
        long asked = System.nanoTime();
        manager.<X>useConnection(lease -> {
            conduct.waited(System.nanoTime() - asked);
            action.run(lease);
        });
    }

    <X extends Exception> void useTransaction(Action<X> action) throws SQLException, X {
        long asked = System.nanoTime();
        manager.<X>useTransaction(lease -> {
            conduct.waited(System.nanoTime() - asked);
            action.run(lease);
        });
    }

    void move(Connection connection) throws SQLException {
        bank.move(connection, transfer);
    }

    PreparedStatement prepareEntry(Connection connection) throws SQLException {
        return bank.prepareEntry(connection, transfer);
    }
}
