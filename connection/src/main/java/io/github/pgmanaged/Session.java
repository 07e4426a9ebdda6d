package io.github.pgmanaged;

import io.github.pgmanaged.fence.Baseline;
import io.github.pgmanaged.fence.Fence;
import io.github.pgmanaged.fence.FencedConnection;
import io.github.pgmanaged.fence.Setting;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one physical connection and what is known of it.
 *
 * <p>Thread safety: used by whoever is inside the turnstile; {@link #isClosed}, {@link #status} and {@link #abort} by
 * anybody.
 */
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(ManagedConnection.class);

    private final String manager;
    private final Connection connection;
    private final PgConnection driver;
    private final Baseline baseline;

    /** By {@link System#nanoTime()}: when the session was last known to work. Guarded by the turnstile. */
    private long soundAt;

    private Session(String manager, Connection connection, PgConnection driver, Baseline baseline) {
        this.manager = manager;
        this.connection = connection;
        this.driver = driver;
        this.baseline = baseline;
        this.soundAt = System.nanoTime();
    }

    /**
     * Opens a session. If anything goes wrong, none is left behind.
     *
     * @param onOpen what the user wants done with each new session
     */
    static Session open(String manager, DataSource source, @Nullable Action<?> onOpen) throws SQLException {
        LOG.debug("Connecting to {}...", manager);
        Connection connection = source.getConnection();
        if (connection == null) {
            throw new SQLNonTransientConnectionException(
                    "The data source of " + manager + " gave no connection (null).", "08001");
        }
        try {
            PgConnection driver = driverOf(manager, connection);
            // First of all: to turn autocommit on would commit what the source left open.
            if (Fence.statusOf(driver) != TransactionStatus.IDLE) {
                throw new SQLNonTransientConnectionException(
                        "The data source of " + manager + " gave a connection with a transaction in progress; it was"
                                + " closed.",
                        "25000");
            }
            if (!connection.getAutoCommit()) {
                connection.setAutoCommit(true);
            }
            if (onOpen != null) {
                runHook(manager, connection, driver, onOpen);
            }
            return new Session(manager, connection, driver, Baseline.of(connection, driver));
        } catch (Throwable t) {
            closeQuietly(connection);
            throw t;
        }
    }

    private static PgConnection driverOf(String manager, Connection connection) throws SQLException {
        if (!connection.isWrapperFor(PgConnection.class)) {
            throw new SQLNonTransientConnectionException(
                    "The data source of " + manager + " gave a "
                            + connection.getClass().getName()
                            + ", which is not a connection of pgjdbc nor leads to one; it was closed. Use pgjdbc's.",
                    "08001");
        }
        return connection.unwrap(PgConnection.class);
    }

    private static void runHook(String manager, Connection connection, PgConnection driver, Action<?> onOpen)
            throws SQLException {
        Fence fence = new Fence(manager, driver);
        FencedConnection lease =
                new FencedConnection(fence, connection, driver, (released, thrown, workSeen) -> {}, System.nanoTime());
        String trouble = "The onOpen hook of " + manager;
        try {
            onOpen.run(lease);
        } catch (Exception e) {
            throw new SQLNonTransientConnectionException(
                    trouble + " threw an exception, so the new session was closed: " + e, "08001", e);
        } finally {
            fence.shut();
            fence.closeHandles();
        }
        if (Fence.isClosed(driver)) {
            throw new SQLNonTransientConnectionException(trouble + " closed the session.", "08001");
        }
        if (Fence.statusOf(driver) != TransactionStatus.IDLE) {
            throw new SQLNonTransientConnectionException(
                    trouble + " left a transaction open, so the new session was closed. Commit in the hook.", "25000");
        }
        if (!connection.getAutoCommit()) {
            connection.setAutoCommit(true);
        }
    }

    /** Begins a lease on the session. */
    FencedConnection lease(boolean autoCommit, long now, FencedConnection.Releaser releaser) throws SQLException {
        if (connection.getAutoCommit() != autoCommit) {
            connection.setAutoCommit(autoCommit);
        }
        soundAt = now;
        return new FencedConnection(new Fence(manager, driver), connection, driver, releaser, now);
    }

    boolean isClosed() {
        return Fence.isClosed(driver);
    }

    TransactionStatus status() {
        return Fence.statusOf(driver);
    }

    /**
     * Whether the server still answers; asked only if nobody has used the session for a while.
     *
     * @param after how long a session is trusted
     * @param timeoutNanos how long the server may take
     */
    boolean isSound(long now, long after, long timeoutNanos) throws SQLException {
        if (status() != TransactionStatus.IDLE) {
            return false; // closed meanwhile; and whatever went wrong, no lease begins in a transaction
        }
        if (now - soundAt < after) {
            return true;
        }
        // The driver takes whole seconds, and 0 for no limit.
        long seconds = Math.min(TimeUnit.NANOSECONDS.toSeconds(timeoutNanos - 1) + 1, 3600);
        return driver.isValid((int) Math.max(1, seconds));
    }

    // --- at release ---------------------------------------------------------------------------------------------

    /**
     * Rolls back whatever is open, whoever began it. The driver's {@code rollback()} refuses under autocommit, where an
     * SQL BEGIN opens a transaction just as well.
     */
    void rollBack(long deadlineNanos) throws SQLException {
        within(deadlineNanos, () -> {
            if (connection.getAutoCommit()) {
                try (Statement statement = connection.createStatement()) {
                    statement.setQueryTimeout(0);
                    statement.execute("ROLLBACK");
                }
            } else {
                connection.rollback();
            }
        });
    }

    /** Closes what the lease left open. */
    void closeHandles(Fence fence, long deadlineNanos) throws SQLException {
        within(deadlineNanos, fence::closeHandles);
    }

    /** Takes the settings that the lease changed back to their baseline. */
    void restore(Set<Setting> changed, long deadlineNanos) throws SQLException {
        if (changed.isEmpty()) {
            return;
        }
        within(deadlineNanos, () -> {
            if (!connection.getAutoCommit()) {
                connection.setAutoCommit(true);
            }
        });
        for (Setting setting : changed) {
            within(deadlineNanos, () -> baseline.restore(setting, connection, driver));
        }
    }

    void clearWarnings() throws SQLException {
        connection.clearWarnings();
    }

    /** Somebody has just used the session. */
    void usedAt(long now) {
        soundAt = now;
    }

    /** Bounds each read by what is left of the time; an expiry closes the session. */
    private void within(long deadlineNanos, SqlRun work) throws SQLException {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        driver.setNetworkTimeout(Runnable::run, (int) Math.max(1, Math.min(millis, Integer.MAX_VALUE)));
        work.run();
        driver.setNetworkTimeout(Runnable::run, baseline.networkTimeout());
    }

    private interface SqlRun {
        void run() throws SQLException;
    }

    void cancel() throws SQLException {
        driver.cancelQuery();
    }

    /** The driver's connection first: a source's own may only go back into a pool, and be somebody else's next. */
    void close() {
        closeQuietly(driver);
        closeQuietly(connection);
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException | RuntimeException e) {
            LOG.info("Could not close connection: {}", e.toString(), e);
        }
    }

    /** Cuts the socket. Whoever is in a call gets an error at once. */
    void abort() {
        try {
            driver.abort(Runnable::run);
        } catch (SQLException | RuntimeException e) {
            LOG.info("Could not abort connection: {}", e.toString(), e);
        }
        // A source may count what it gave, and is told by close() alone; the driver has nothing left to do there.
        closeQuietly(connection);
    }
}
