package io.github.pgmanaged.junit;

import static io.github.pgmanaged.testing.TestDatabase.execute;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;

/** An application with each of the faults. */
final class Shop {
    private final DataSource source;

    Shop(DataSource source) {
        this.source = source;
    }

    /** Faultless. */
    void order(String key) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            execute(connection, "INSERT INTO example (key) VALUES ('" + key + "')");
            connection.commit();
        }
    }

    /** Catches what it must not cause. */
    void orderAudited() throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            execute(connection, "INSERT INTO example (key, value) VALUES (gen_random_uuid(), 'audited')");
            audit();
            connection.commit();
        }
    }

    private void audit() {
        try (Connection second = source.getConnection()) {
            execute(second, "SELECT 'audit'");
        } catch (SQLException e) {
            return; // the audit may fail
        }
    }

    /** Waits for a thread that waits for it. */
    void orderByWorker() throws Exception {
        ExecutorService workers = Executors.newSingleThreadExecutor();
        try (Connection connection = source.getConnection()) {
            execute(connection, "SELECT 'orders'");
            Future<?> done = workers.submit(this::audit);
            done.get();
        } finally {
            workers.shutdown();
        }
    }

    void forgetToCommit() {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            execute(connection, "INSERT INTO example (key) VALUES ('forgotten')");
        } catch (SQLException e) {
            return; // as many a framework does with what close() throws
        }
    }

    @SuppressWarnings("MustBeClosed")
    Connection forgetToClose() throws SQLException {
        Connection connection = source.getConnection();
        execute(connection, "SELECT 'leak'");
        return connection;
    }
}
