package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.Action;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.internal.net.DriverVersion;
import io.github.pgmanaged.conninfo.internal.net.SocketOwner;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.Fence;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.fence.SessionContext;
import io.github.pgmanaged.internal.fence.TransactionId;
import io.github.pgmanaged.internal.time.BoundedCall;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * Makes a session of what the data source gives: asks it whether it is clean, runs the hook, and reads the baseline.
 *
 * <p>Thread safety: none; used by the one thread that opens the session.
 */
final class SessionSetup {
    private final Options options;
    private final SocketOwner sockets;
    private final Stages stages;

    /** Hears how far an opening has come. */
    interface Stages {
        /** A stage begins. */
        void stage(String doing, boolean foreign);

        /** There is a connection: the one that the source has given, and then the driver's in it. */
        void connected(Connection connection);
    }

    SessionSetup(Options options, SocketOwner sockets, Stages stages) {
        this.options = options;
        this.sockets = sockets;
        this.stages = stages;
    }

    /** Opens a session. If anything goes wrong, none is left behind. */
    Session open() throws SQLException {
        DriverVersion.checkForManager();
        Log.detachedDebug("Connecting to {}...", options.label());
        stages.stage("getting a connection from the data source", !(options.source() instanceof LibpqDataSource));
        Connection connection = connect();
        PgConnection driver = null;
        try {
            stages.connected(connection);
            driver = driverOf(connection);
            stages.connected(driver);
            return session(connection, driver);
        } catch (Throwable t) {
            boolean knowsNoSql = driver != null && t instanceof SQLException e && isForReplication(driver, e);
            close(connection, driver);
            if (knowsNoSql) {
                throw new SQLNonTransientConnectionException(
                        "The data source of " + options.label() + " gave a session that streams the server's log"
                                + " (replication=true) and knows no SQL; it was closed. Use a LibpqDataSource for it.",
                        "08001",
                        t);
            }
            throw t;
        }
    }

    /** The one thing that such a session says to SQL; its driver asks in simple queries. */
    private static boolean isForReplication(PgConnection driver, SQLException e) {
        return driver.getPreferQueryMode() == PreferQueryMode.SIMPLE && "0A000".equals(e.getSQLState());
    }

    private Connection connect() throws SQLException {
        Connection connection = sockets.<@Nullable Connection, SQLException>whileOpening(
                () -> options.source().getConnection());
        if (connection == null) {
            throw new SQLNonTransientConnectionException(
                    "The data source of " + options.label() + " gave no connection (null).", "08001");
        }
        return connection;
    }

    private Session session(Connection connection, PgConnection driver) throws SQLException {
        // First of all: to turn autocommit on would commit what the source left open.
        if (Fence.statusOf(driver) != TransactionStatus.IDLE) {
            throw new SQLNonTransientConnectionException(
                    "The data source of " + options.label()
                            + " gave a connection with a transaction in progress; it was closed.",
                    "25000");
        }
        boolean autoCommit = driver.getAutoCommit();
        autoCommitOn(driver);
        // Before the hook, which may take a role that may not ask.
        String incarnation = options.verifyCommits() ? TransactionId.incarnation(driver) : null;
        boolean shared = !isDrivers(options.source());
        Action<?> hook = options.onOpen();
        if (hook != null) {
            stages.stage("running the onOpen hook, a " + hook.getClass().getName(), true);
            shared |= runHook(hook, connection, driver);
        }
        stages.stage("asking the server for the session's settings", false);
        ServerBaseline server = ServerBaseline.of(driver);
        LibpqDataSource libpq = options.source() instanceof LibpqDataSource source ? source : null;
        if (libpq != null && hook != null && libpq.objectionTo(driver) != null) {
            libpq = null; // the hook knows better, and made the session read-only, say
        }
        return new Session(
                options,
                connection,
                driver,
                shared,
                sockets,
                Baseline.of(driver),
                server,
                libpq,
                incarnation,
                hook == null ? autoCommit : null);
    }

    /** Whether a source keeps nothing of what it gives. */
    private static boolean isDrivers(DataSource source) {
        return source.getClass() == LibpqDataSource.class || source.getClass() == PGSimpleDataSource.class;
    }

    private PgConnection driverOf(Connection connection) throws SQLException {
        PgConnection driver =
                connection.isWrapperFor(PgConnection.class) ? connection.unwrap(PgConnection.class) : null;
        if (driver == null) {
            throw new SQLNonTransientConnectionException(
                    "The data source of " + options.label() + " gave a "
                            + connection.getClass().getName()
                            + ", which is not a connection of pgjdbc nor leads to one; it was closed. Use pgjdbc's.",
                    "08001");
        }
        return driver;
    }

    /** Returns whether the hook has the driver's own connection now. */
    private boolean runHook(Action<?> hook, Connection connection, PgConnection driver) throws SQLException {
        FencedConnection lease = new FencedConnection()
                .begin(
                        SessionContext.of(options.label(), connection, driver),
                        new HookReleaser(driver, System.nanoTime(), Thread.currentThread()),
                        true);
        Fence fence = lease.fence();
        String trouble = "The onOpen hook of " + options.label();
        try {
            hook.run(lease);
        } catch (Exception e) {
            throw new SQLNonTransientConnectionException(
                    trouble + " threw an exception, so the new session was closed: " + Throwables.text(e), "08001", e);
        } finally {
            fence.gate().shut();
        }
        if (!fence.gate().drain(Deadline.after(options.releaseTimeout()))) {
            throw new SQLNonTransientConnectionException(
                    trouble + " left a call under way on another thread, so the new session was closed.", "08001");
        }
        fence.closeHandles();
        if (Fence.isClosed(driver) || fence.log().isSessionOver()) {
            throw new SQLNonTransientConnectionException(trouble + " closed the session.", "08001");
        }
        if (Fence.statusOf(driver) != TransactionStatus.IDLE) {
            throw new SQLNonTransientConnectionException(
                    trouble + " left a transaction open, so the new session was closed. Commit in the hook.", "25000");
        }
        autoCommitOn(driver);
        return fence.log().hasEscaped();
    }

    /** The hook's lease has no turn to give back. */
    private record HookReleaser(PgConnection driver, long since, Thread owner) implements FencedConnection.Releaser {
        @Override
        public void release(FencedConnection lease, @Nullable Throwable thrown, boolean workSeen) throws SQLException {
            if (lease.aborted()) {
                driver.abort(Runnable::run);
            }
        }

        @Override
        public void sessionLost(FencedConnection lease) {
            try {
                driver.abort(Runnable::run);
            } catch (SQLException e) {
                Log.detachedDebug("Could not abort a connection that did not become a session", e);
            }
        }
    }

    static void autoCommitOn(PgConnection driver) throws SQLException {
        if (!driver.getAutoCommit()) {
            driver.setAutoCommit(true);
        }
    }

    /** As a session is closed: the driver's connection, if it is known by now, and then what the source gave. */
    private void close(Connection connection, @Nullable PgConnection driver) {
        if (driver != null) {
            closeQuietly(driver); // on this thread, which opens the session and nothing else, and may block
        }
        if (connection != driver) {
            try {
                BoundedCall.run("close", Deadline.afterNanos(Session.GOODBYE_NANOS), () -> closeQuietly(connection));
            } catch (SQLException | OutOfMemoryError noThread) {
                closeQuietly(connection);
            }
        }
    }

    private void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (Throwable t) {
            Log.detachedDebug("Could not close a connection of {} that did not become a session", options.label(), t);
        }
    }
}
