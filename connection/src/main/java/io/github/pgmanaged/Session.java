package io.github.pgmanaged;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.fence.Baseline;
import io.github.pgmanaged.fence.Fence;
import io.github.pgmanaged.fence.FencedConnection;
import io.github.pgmanaged.fence.Setting;
import io.github.pgmanaged.fence.TransactionId;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

    private final @Nullable FullReset fullReset;

    /** Says whether the server is still what was asked for; null if there is nothing to ask. */
    private final @Nullable LibpqDataSource libpq;

    /** Of the server; known if commits are to be verified. */
    private final @Nullable String incarnation;

    /** By {@link System#nanoTime()}: after that the session is replaced. Far away if it may live for ever. */
    private final long overAt;

    /** By {@link System#nanoTime()}: when the session was last known to work. Guarded by the turnstile. */
    private long soundAt;

    private Session(
            Config config,
            Connection connection,
            PgConnection driver,
            Baseline baseline,
            @Nullable FullReset fullReset,
            @Nullable LibpqDataSource libpq,
            @Nullable String incarnation) {
        this.manager = config.label();
        this.connection = connection;
        this.driver = driver;
        this.baseline = baseline;
        this.fullReset = fullReset;
        this.libpq = libpq;
        this.incarnation = incarnation;
        this.soundAt = System.nanoTime();
        this.overAt = soundAt + lifetime(config.maxLifetime());
    }

    /** Up to a tenth shorter than asked for, so that many sessions of one start do not end all at once. */
    static long lifetime(@Nullable Duration maxLifetime) {
        if (maxLifetime == null) {
            return Long.MAX_VALUE / 2;
        }
        long nanos = Config.nanos(maxLifetime);
        return nanos - ThreadLocalRandom.current().nextLong(nanos / 10 + 1);
    }

    /**
     * Opens a session. If anything goes wrong, none is left behind.
     *
     * @param half is told of the connection as soon as it is there
     */
    static Session open(Config config, Consumer<Connection> half) throws SQLException {
        String manager = config.label();
        LOG.debug("Connecting to {}...", manager);
        Connection connection = config.source().getConnection();
        if (connection == null) {
            throw new SQLNonTransientConnectionException(
                    "The data source of " + manager + " gave no connection (null).", "08001");
        }
        try {
            half.accept(connection);
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
            if (config.onOpen() != null) {
                runHook(manager, connection, driver, config.onOpen());
            }
            FullReset fullReset = config.sessionReset() == SessionReset.FULL ? FullReset.of(connection) : null;
            String incarnation = config.verifyCommits() ? TransactionId.incarnation(connection) : null;
            LibpqDataSource libpq = config.source() instanceof LibpqDataSource source ? source : null;
            if (libpq != null && config.onOpen() != null && libpq.objectionTo(connection) != null) {
                libpq = null; // the hook knows better, and made the session read-only, say
            }
            Baseline baseline = Baseline.of(connection, driver);
            return new Session(config, connection, driver, baseline, fullReset, libpq, incarnation);
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
        FencedConnection lease = new FencedConnection(
                fence, connection, driver, (released, thrown, workSeen) -> {}, System.nanoTime(), null);
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
    FencedConnection lease(boolean autoCommit, Tenure tenure) throws SQLException {
        if (connection.getAutoCommit() != autoCommit) {
            connection.setAutoCommit(autoCommit);
        }
        soundAt = tenure.since();
        FencedConnection lease = new FencedConnection(
                new Fence(manager, driver), connection, driver, tenure, tenure.since(), incarnation);
        tenure.of(lease);
        return lease;
    }

    /** When a lease begins that was asked for now: not before the session was there. */
    long since(long now) {
        return soundAt - now > 0 ? soundAt : now;
    }

    /** When somebody last used it. */
    long lastUse() {
        return soundAt;
    }

    /** Whether it has lived for as long as it may. */
    boolean isOver(long now) {
        return now - overAt >= 0;
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
        // Kept for later: an interrupted virtual thread cannot read, and the session would be lost.
        boolean interrupted = Thread.interrupted();
        try {
            long deadline = System.nanoTime() + timeoutNanos;
            within(deadline, () -> {
                try (Statement statement = driver.createStatement()) {
                    statement.setQueryTimeout(0);
                    statement.execute("");
                }
            });
            return status() == TransactionStatus.IDLE && isWhereItShouldBe(deadline);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Whether the server is still what {@code target_session_attrs} asks for. After a failover it may not be: the old
     * primary is a standby now, or has become read-only.
     */
    boolean isWhereItShouldBe(long deadlineNanos) throws SQLException {
        LibpqDataSource source = libpq;
        if (source == null) {
            return true;
        }
        @Nullable String[] objection = new String[1];
        within(deadlineNanos, () -> objection[0] = source.objectionTo(connection));
        if (objection[0] != null) {
            LOG.info("The session of {} is given up: {}", manager, objection[0]);
        }
        return objection[0] == null;
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

    /** Clears what JDBC knows nothing of, if that was asked for. */
    void resetFully(long deadlineNanos) throws SQLException {
        if (fullReset != null) {
            within(deadlineNanos, () -> {
                if (!connection.getAutoCommit()) {
                    connection.setAutoCommit(true);
                }
                fullReset.run(connection);
            });
        }
    }

    void clearWarnings() throws SQLException {
        connection.clearWarnings();
    }

    /** Somebody has just used the session. */
    void usedAt(long now) {
        soundAt = now;
    }

    /** Bounds each read, and the whole, by what is left of the time; an expiry closes the session. */
    private void within(long deadlineNanos, Bounded.Task work) throws SQLException {
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime()));
        driver.setNetworkTimeout(Runnable::run, (int) Math.min(millis, Integer.MAX_VALUE));
        Watchdog.watch(TimeUnit.MILLISECONDS.toNanos(millis), this::cut, work);
        driver.setNetworkTimeout(Runnable::run, baseline.networkTimeout());
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
        cut();
        // A source may count what it gave, and is told by close() alone; the driver has nothing left to do there.
        closeQuietly(connection);
    }

    private void cut() {
        try {
            if (!Bounded.abort(driver)) {
                LOG.warn("The socket of {} is not closed yet: a thread is still writing to the server", manager);
            }
        } catch (SQLException | RuntimeException e) {
            LOG.info("Could not abort connection: {}", e.toString(), e);
        }
    }
}
