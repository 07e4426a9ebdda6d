package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.Work;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.Connection;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.TransactionState;
import org.postgresql.fastpath.Fastpath;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.largeobject.LargeObjectManager;
import org.postgresql.replication.PGReplicationConnection;
import org.postgresql.util.PGobject;

/** The lease: the session's connection behind a fence. It is the {@link PGConnection} view as well. */
@Forwards(
        value = Connection.class,
        also = PGConnection.class,
        byHand = {
            "abort",
            "addDataType",
            "close",
            "commit",
            "getClientInfo",
            "getCopyAPI",
            "getFastpathAPI",
            "getLargeObjectAPI",
            "getNotifications",
            "getReplicationAPI",
            "isClosed",
            "setClientInfo"
        })
public final class FencedConnection extends ForwardingConnection implements Lease {
    private static final int WITHOUT_WAITING = -1;
    private static final int NOTIFICATION_TURN_MILLIS = 50;

    private final PgConnection driver;
    private final Releaser releaser;
    private final long acquiredAt;
    private final @Nullable String incarnation;
    private volatile boolean closeOnRelease;
    private volatile boolean aborted;

    /** Set when a release has ended, or broken off: by a plain write, which needs no stack and cannot fail. */
    private volatile boolean letGo;

    private @Nullable LargeObjectManager largeObjects;

    /** Takes a lease back. */
    public interface Releaser {
        /**
         * Settles the session, with the lease's gate already shut. It may be called more than once.
         *
         * @param thrown what the work threw
         * @param workSeen whether it is known how the work ended; a caller of {@code close()} does not say
         */
        void release(FencedConnection lease, @Nullable Throwable thrown, boolean workSeen) throws SQLException;

        /** The session was lost under the lease, and a call has just come back from it. */
        void sessionLost(FencedConnection lease);
    }

    /**
     * A lease.
     *
     * @param acquiredAt when it was acquired, by {@link System#nanoTime()}
     * @param incarnation of the server, if commits are to be verified
     */
    public FencedConnection(
            Fence fence,
            Connection session,
            PgConnection driver,
            Releaser releaser,
            long acquiredAt,
            @Nullable String incarnation) {
        super(fence, session);
        this.driver = driver;
        this.releaser = releaser;
        this.acquiredAt = acquiredAt;
        this.incarnation = incarnation;
        fence.setLease(this);
    }

    /** When it was acquired, by {@link System#nanoTime()}. */
    public long acquiredAt() {
        return acquiredAt;
    }

    /** What stands between it and the session. */
    public Fence fence() {
        return fence;
    }

    /** Whether the session has to be closed with it. */
    public boolean mustClose() {
        return closeOnRelease || fence.log().hasEscaped();
    }

    /** Whether its holder has aborted it. */
    public boolean aborted() {
        return aborted;
    }

    /** Whether its holder has let it go: if the turn is not over then, the release broke off. */
    public boolean hasBeenLetGo() {
        return letGo;
    }

    // --- the lease ----------------------------------------------------------------------------------------------

    @Override
    public TransactionStatus status() {
        return fence.gate().isShut() ? TransactionStatus.CLOSED : fence.status();
    }

    @Override
    public void closeOnRelease() {
        closeOnRelease = true;
    }

    @Override
    public void close() throws SQLException {
        try {
            release(null, false);
        } finally {
            letGo = true;
        }
    }

    /**
     * Runs work on the lease and releases it.
     *
     * @throws SQLException what the release says of a session or a transaction
     * @throws X what the work has thrown; trouble of our own is suppressed onto it, and never hides it
     */
    public <R extends @Nullable Object, X extends Exception> R use(Work<R, X> work) throws SQLException, X {
        try {
            R result;
            try {
                result = work.run(this);
            } catch (Throwable t) {
                releaseAfter(t);
                throw t;
            }
            release(null, true);
            return result;
        } finally {
            letGo = true;
        }
    }

    private void releaseAfter(Throwable thrown) {
        try {
            release(thrown, true);
        } catch (Throwable trouble) {
            Throwables.suppress(thrown, trouble);
        }
    }

    private void release(@Nullable Throwable thrown, boolean workSeen) throws SQLException {
        fence.gate().shut();
        releaser.release(this, thrown, workSeen);
    }

    /** A call found the session closed. Whatever comes of that must not hide what the call raised. */
    void sessionLost() {
        try {
            releaser.sessionLost(this);
        } catch (Throwable t) {
            Log.detachedDebug("Could not pass the turn on after the session was lost", t);
        }
    }

    @Override
    public boolean isClosed() throws SQLException {
        return fence.gate().isShut() || delegate.isClosed();
    }

    /**
     * The socket is cut by the release, here and now: a foreign executor may never run what it is given. A lease whose
     * session was lost can be aborted like any that has not been released yet.
     */
    @Override
    public void abort(Executor executor) throws SQLException {
        if (letGo) {
            throw fence.released();
        }
        if (executor == null) {
            throw new SQLException("abort(null): give an executor", "22023");
        }
        aborted = true;
        close();
    }

    // --- transactions -------------------------------------------------------------------------------------------

    @Override
    public void commit() throws SQLException {
        fence.enter();
        fence.running("COMMIT");
        TransactionState before = fence.transactionState();
        @Nullable TransactionId id = null;
        boolean committing = false;
        try {
            if (before == TransactionState.FAILED && !delegate.getAutoCommit()) {
                delegate.rollback();
                throw CommitRules.commitBecameRollback();
            }
            if (incarnation != null && before == TransactionState.OPEN) {
                id = TransactionId.ask(delegate, incarnation);
            }
            committing = true;
            delegate.commit();
        } catch (SQLException e) {
            throw committing ? fence.failed(before, "COMMIT", id, e) : fence.failed(e);
        } catch (Throwable e) {
            fence.failedMidMessage(e);
            throw e;
        } finally {
            fence.exit("Connection.commit");
        }
    }

    /** JDBC has this commit an open transaction; one that has failed cannot be, and the caller has to know. */
    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        if (autoCommit) {
            fence.enter();
            try {
                if (!delegate.getAutoCommit()) {
                    commit();
                }
            } finally {
                fence.exit("Connection.setAutoCommit");
            }
        }
        super.setAutoCommit(autoCommit);
    }

    // --- settings that return to their baseline -----------------------------------------------------------------

    @Override
    public void setReadOnly(boolean readOnly) throws SQLException {
        fence.log().change(Setting.READ_ONLY);
        super.setReadOnly(readOnly);
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        fence.log().change(Setting.ISOLATION);
        super.setTransactionIsolation(level);
    }

    @Override
    public void setSchema(@Nullable String schema) throws SQLException {
        fence.log().change(Setting.SCHEMA);
        super.setSchema(schema);
    }

    @Override
    public void setHoldability(int holdability) throws SQLException {
        fence.log().change(Setting.HOLDABILITY);
        super.setHoldability(holdability);
    }

    @Override
    public void setNetworkTimeout(@Nullable Executor executor, int milliseconds) throws SQLException {
        fence.log().change(Setting.NETWORK_TIMEOUT);
        super.setNetworkTimeout(executor, milliseconds);
    }

    @Override
    public void setTypeMap(Map<String, Class<?>> map) throws SQLException {
        fence.log().change(Setting.TYPE_MAP);
        super.setTypeMap(map);
    }

    /** The driver gives its own map, and the holder may well put something into it. */
    @Override
    public Map<String, Class<?>> getTypeMap() throws SQLException {
        fence.log().change(Setting.TYPE_MAP);
        return super.getTypeMap();
    }

    @Override
    public void setClientInfo(String name, @Nullable String value) throws SQLClientInfoException {
        enterForClientInfo();
        try {
            fence.log().change(Setting.CLIENT_INFO);
            delegate.setClientInfo(name, value);
        } catch (SQLClientInfoException e) {
            fence.failed(e);
            throw e;
        } catch (Throwable e) {
            fence.failedMidMessage(e);
            throw e;
        } finally {
            fence.exit("Connection.setClientInfo");
        }
    }

    @Override
    public void setClientInfo(Properties properties) throws SQLClientInfoException {
        enterForClientInfo();
        try {
            fence.log().change(Setting.CLIENT_INFO);
            delegate.setClientInfo(properties);
        } catch (SQLClientInfoException e) {
            fence.failed(e);
            throw e;
        } catch (Throwable e) {
            fence.failedMidMessage(e);
            throw e;
        } finally {
            fence.exit("Connection.setClientInfo");
        }
    }

    private void enterForClientInfo() throws SQLClientInfoException {
        try {
            fence.enter();
        } catch (LeaseReleasedException e) {
            throw new SQLClientInfoException(e.getMessage(), e.getSQLState(), Map.of(), e);
        }
    }

    @Override
    public @Nullable String getClientInfo(String name) throws SQLException {
        return fence.<@Nullable String, SQLException>call(
                "Connection.getClientInfo", () -> delegate.getClientInfo(name));
    }

    /** A copy: the driver gives its own. */
    @Override
    public Properties getClientInfo() throws SQLException {
        return fence.call("Connection.getClientInfo", () -> {
            Properties copy = new Properties();
            copy.putAll(delegate.getClientInfo());
            return copy;
        });
    }

    @Override
    public void setPrepareThreshold(int threshold) {
        fence.log().change(Setting.PREPARE_THRESHOLD);
        super.setPrepareThreshold(threshold);
    }

    @Override
    public void setDefaultFetchSize(int fetchSize) throws SQLException {
        fence.log().change(Setting.FETCH_SIZE);
        super.setDefaultFetchSize(fetchSize);
    }

    @Override
    public void setQueryTimeout(int seconds) throws SQLException {
        fence.log().change(Setting.QUERY_TIMEOUT);
        super.setQueryTimeout(seconds);
    }

    @Override
    public void setAutosave(AutoSave autosave) {
        fence.log().change(Setting.AUTOSAVE);
        super.setAutosave(autosave);
    }

    @Override
    public void setAdaptiveFetch(boolean adaptiveFetch) {
        fence.log().change(Setting.ADAPTIVE_FETCH);
        super.setAdaptiveFetch(adaptiveFetch);
    }

    // --- notifications ------------------------------------------------------------------------------------------

    @Override
    public PGNotification[] getNotifications() throws SQLException {
        return getNotifications(WITHOUT_WAITING);
    }

    /**
     * Nothing that runs could be cancelled while the driver waits for a notification, and it waits with its lock. So it
     * waits in short turns, and a release that comes meanwhile keeps the session.
     */
    @Override
    public PGNotification[] getNotifications(int timeoutMillis) throws SQLException {
        Deadline end =
                Deadline.afterNanos(timeoutMillis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
        return fence.call("PGConnection.getNotifications", () -> {
            while (true) {
                int turn = timeoutMillis < 0 ? WITHOUT_WAITING : Math.min(end.millisLeft(), NOTIFICATION_TURN_MILLIS);
                PGNotification[] heard = driver.getNotifications(turn);
                // In a transaction none come, and the driver does not wait.
                if (heard.length > 0 || end.isOver() || fence.transactionState() != TransactionState.IDLE) {
                    return heard;
                }
                fence.check();
            }
        });
    }

    // --- what pgjdbc gives as classes ---------------------------------------------------------------------------

    @Override
    public CopyManager getCopyAPI() throws SQLException {
        return fence.call("PGConnection.getCopyAPI", () -> new FencedCopyManager(fence, driver));
    }

    @Override
    public LargeObjectManager getLargeObjectAPI() throws SQLException {
        return fence.call("PGConnection.getLargeObjectAPI", () -> {
            LargeObjectManager known = largeObjects;
            if (known == null) {
                largeObjects = known = new FencedLargeObjectManager(fence, driver);
            }
            return known;
        });
    }

    /** Cannot be fenced, so the session is closed at the release. */
    @Override
    @Deprecated
    public Fastpath getFastpathAPI() throws SQLException {
        return fence.call("PGConnection.getFastpathAPI", () -> {
            fence.log().escape();
            return driver.getFastpathAPI();
        });
    }

    /** Replication takes the session over, so it is closed at the release. */
    @Override
    public PGReplicationConnection getReplicationAPI() {
        fence.enterUnchecked();
        try {
            fence.log().escape();
            return driver.getReplicationAPI();
        } finally {
            fence.exit("PGConnection.getReplicationAPI");
        }
    }

    /** The driver cannot forget a type again, so the session is closed at the release; {@code onOpen} is the place. */
    @Override
    @Deprecated
    public void addDataType(String type, String className) {
        fence.enterUnchecked();
        try {
            fence.log().escape();
            driver.addDataType(type, className);
        } finally {
            fence.exit("PGConnection.addDataType");
        }
    }

    /** The driver cannot forget a type again, so the session is closed at the release; {@code onOpen} is the place. */
    @Override
    public void addDataType(String type, Class<? extends PGobject> implementation) throws SQLException {
        fence.run("PGConnection.addDataType", () -> {
            fence.log().escape();
            driver.addDataType(type, implementation);
        });
    }

    @Override
    public String toString() {
        return "Lease[" + fence + ", " + status() + "]";
    }
}
