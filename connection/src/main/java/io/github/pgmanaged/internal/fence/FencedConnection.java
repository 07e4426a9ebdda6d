package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.Work;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Threads;
import io.github.pgmanaged.internal.time.Throwables;
import java.lang.invoke.VarHandle;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.TransactionState;
import org.postgresql.fastpath.Fastpath;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.largeobject.LargeObjectManager;
import org.postgresql.replication.PGReplicationConnection;
import org.postgresql.util.PGobject;

/**
 * The lease: the session's connection behind a fence. It is its own fence, and the {@link PGConnection} view as well.
 */
@Forwards(
        value = Connection.class,
        also = PGConnection.class,
        onTopOf = Fence.class,
        harmless = "isValid",
        byHand = {
            "abort",
            "addDataType",
            "close",
            "commit",
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

    private static final String UNHEARD = " (Logged, since callers of a DataSource often drop what close() throws. The"
            + " stack is that of the close().)";

    /** Set by {@link #begin}, before anybody gets the lease. */
    private Releaser releaser;

    private volatile boolean closeOnRelease;
    private volatile boolean aborted;

    // Set before the holder gets it.
    private boolean closedUnheard;
    private boolean committedByManager;

    /** Set when a release has ended, or broken off: by a plain write, which needs no stack and cannot fail. */
    private volatile boolean letGo;

    /** Takes a lease back. */
    public interface Releaser {
        /**
         * Settles the session, with the lease's gate already shut. It may be called more than once.
         *
         * @param thrown what the work threw
         * @param workSeen whether it is known how the work ended; a caller of {@code close()} does not say
         */
        void release(FencedConnection lease, @Nullable Throwable thrown, boolean workSeen) throws SQLException;

        /** When the lease was acquired, by {@link System#nanoTime()}. */
        long since();

        /** The thread that acquired it. */
        Thread owner();

        /** The session was lost under the lease, and a call has just come back from it. */
        void sessionLost(FencedConnection lease);
    }

    /** A lease that has not begun. */
    @SuppressWarnings("NullAway.Init")
    public FencedConnection() {}

    /** It begins, on a session whose autocommit is as the holder wants it. */
    public FencedConnection begin(SessionContext session, Releaser by, boolean autoCommit) {
        releaser = by;
        stand(session, autoCommit);
        VarHandle.storeStoreFence(); // the holder may pass it on through a plain field, as if its fields were final
        return this;
    }

    /** When it was acquired, by {@link System#nanoTime()}. */
    public long acquiredAt() {
        return releaser.since();
    }

    /** The thread that acquired it. */
    public Thread holder() {
        return releaser.owner();
    }

    /** What stands between it and the session. */
    public Fence fence() {
        return this;
    }

    @Override
    FencedConnection lease() {
        return this;
    }

    /** Whether the session has to be closed with it. */
    public boolean mustClose() {
        return closeOnRelease || seen().hasEscaped();
    }

    /** Whether its holder has aborted it. */
    public boolean aborted() {
        return aborted;
    }

    /** It is one transaction, which is committed when the work returns. */
    public FencedConnection asTransaction() {
        committedByManager = true;
        return this;
    }

    /** Its holder does not listen to what {@code close()} throws, so that goes to the log, too. */
    public FencedConnection closedUnheard() {
        closedUnheard = true;
        return this;
    }

    /** Whether its holder does not listen to what {@code close()} throws. */
    public boolean isClosedUnheard() {
        return closedUnheard;
    }

    /** Whether its holder has let it go: if the turn is not over then, the release broke off. */
    public boolean hasBeenLetGo() {
        return letGo;
    }

    // --- the lease ----------------------------------------------------------------------------------------------

    @Override
    public TransactionStatus status() {
        return isShut() ? TransactionStatus.CLOSED : sessionStatus();
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
            if (!isSaid(trouble, thrown)) {
                Throwables.suppress(thrown, trouble);
            }
        }
    }

    /** Whether a call has told already why the lease was taken away. */
    private static boolean isSaid(Throwable trouble, Throwable thrown) {
        return trouble instanceof LeaseReleasedException
                && Throwables.chain(thrown).stream()
                        .flatMap(cause -> Stream.concat(Stream.of(cause), Stream.of(cause.getSuppressed())))
                        .anyMatch(said -> said instanceof LeaseReleasedException
                                && Throwables.message(said).equals(trouble.getMessage()));
    }

    private void release(@Nullable Throwable thrown, boolean workSeen) throws SQLException {
        gate().shut();
        try {
            releaser.release(this, thrown, workSeen);
        } catch (SQLException report) {
            warnOf(report);
            throw report;
        }
    }

    /**
     * A transaction that was left open is a mistake of the caller's; what else is reported, only if nobody listens, and
     * if that the session was lost is not in the log since it was.
     */
    private void warnOf(SQLException report) {
        boolean leftOpen = report instanceof OpenTransactionException;
        Log.Later log = new Log.Later();
        if (closedUnheard && leftOpen) {
            log.rollbackWarn(
                    "{} A transaction ends with the connection on which it began." + UNHEARD,
                    report.getMessage(),
                    report);
        } else if (leftOpen) {
            log.rollbackWarn("{}", report.getMessage());
        } else if (closedUnheard && !fence.isLost()) {
            String whose = fence.isTakenAway() ? "" : " Thread \"" + Threads.name(holder()) + "\" had the lease.";
            log.warn("{}{}" + UNHEARD, report.getMessage(), whose, report);
        }
        log.write();
    }

    /** A call found the session closed. Whatever comes of that must not hide what the call raised. */
    @Override
    void sessionLost() {
        try {
            releaser.sessionLost(this);
        } catch (Throwable t) {
            Log.detachedDebug("Could not pass the turn on after the session was lost", t);
        }
    }

    @Override
    public boolean isClosed() throws SQLException {
        return gate().isShut() || delegate().isClosed();
    }

    /**
     * The socket is cut by the release, here and now: a foreign executor may never run what it is given. A lease whose
     * session was lost can be aborted like any that has not been released yet; JDBC has it do nothing on a closed one.
     */
    @Override
    public void abort(Executor executor) throws SQLException {
        if (executor == null) {
            throw new SQLException("abort(null): give an executor", "22023");
        }
        if (letGo) {
            return;
        }
        aborted = true;
        close();
    }

    // --- transactions -------------------------------------------------------------------------------------------

    @Override
    public void commit() throws SQLException {
        enter();
        running("COMMIT");
        TransactionState before = transactionState();
        String incarnation = incarnation();
        @Nullable TransactionId id = null;
        boolean committing = false;
        try {
            if (before == TransactionState.FAILED && !delegate().getAutoCommit()) {
                SQLException failure = log().transactionError();
                delegate().rollback();
                throw CommitRules.commitBecameRollback(failure);
            }
            if (incarnation != null && before == TransactionState.OPEN) {
                id = TransactionId.ask(delegate(), incarnation);
            }
            committing = true;
            delegate().commit();
        } catch (SQLException e) {
            throw committing ? failedCommit(before, id, e) : failed(e);
        } catch (Throwable e) {
            if (committing) {
                brokeOffCommit(before, id, e);
            } else {
                brokeOff(e);
            }
            throw e;
        } finally {
            exit("Connection.commit");
        }
    }

    /** After a COMMIT whose outcome nobody knows there is nothing to roll back, and the caller must hear that again. */
    @Override
    public void rollback() throws SQLException {
        repeatUnknownOutcome();
        super.rollback();
    }

    private void repeatUnknownOutcome() throws CommitOutcomeUnknownException {
        CommitOutcomeUnknownException unknown = letGo ? null : log().unknownOutcome();
        if (unknown != null) {
            throw unknown;
        }
    }

    /**
     * JDBC has this commit an open transaction; one that cannot be committed is over all the same, so that the mode is
     * as asked for when the caller gets to know. Work that turns autocommit on in {@code inTransaction} would commit
     * each of its statements, and its end could not.
     */
    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        repeatUnknownOutcome();
        if (autoCommit && committedByManager) {
            check();
            throw new SQLNonTransientException(
                    "setAutoCommit(true) was refused: this lease of " + manager()
                            + " is one transaction of inTransaction,"
                            + " which commits it when the work returns; nothing was changed. Leave autocommit off"
                            + " there, or use withConnection.",
                    "2D000");
        }
        if (autoCommit) {
            commitForAutoCommit();
        }
        switchAutoCommit(autoCommit);
    }

    private void commitForAutoCommit() throws SQLException {
        enter();
        try {
            if (!delegate().getAutoCommit()) {
                commit();
            }
        } catch (SQLException e) {
            if (!Fence.isClosed(driver()) && transactionState() == TransactionState.IDLE) {
                try {
                    switchAutoCommit(true);
                } catch (SQLException trouble) {
                    Throwables.suppress(e, trouble);
                }
            }
            throw e;
        } finally {
            exit("Connection.setAutoCommit");
        }
    }

    private void switchAutoCommit(boolean autoCommit) throws SQLException {
        super.setAutoCommit(autoCommit);
        autoCommit(autoCommit);
    }

    // --- settings that return to their baseline -----------------------------------------------------------------

    @Override
    public void setReadOnly(boolean readOnly) throws SQLException {
        log().change(Setting.READ_ONLY);
        super.setReadOnly(readOnly);
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        log().change(Setting.ISOLATION);
        super.setTransactionIsolation(level);
    }

    @Override
    public void setSchema(@Nullable String schema) throws SQLException {
        log().change(Setting.SCHEMA);
        if (schema != null && schema.regionMatches(true, 0, "pg_temp", 0, "pg_temp".length())) {
            log().leave(Set.of(Residue.TEMPORARY)); // whatever is created now
        }
        super.setSchema(schema);
    }

    @Override
    public void setHoldability(int holdability) throws SQLException {
        log().change(Setting.HOLDABILITY);
        super.setHoldability(holdability);
    }

    @Override
    public void setNetworkTimeout(@Nullable Executor executor, int milliseconds) throws SQLException {
        log().change(Setting.NETWORK_TIMEOUT);
        super.setNetworkTimeout(executor, milliseconds);
    }

    @Override
    public void setTypeMap(Map<String, Class<?>> map) throws SQLException {
        log().change(Setting.TYPE_MAP);
        super.setTypeMap(map);
    }

    /** The driver gives its own map, and the holder may well put something into it. */
    @Override
    public Map<String, Class<?>> getTypeMap() throws SQLException {
        log().change(Setting.TYPE_MAP);
        return super.getTypeMap();
    }

    @Override
    public void setClientInfo(String name, @Nullable String value) throws SQLClientInfoException {
        setClientInfo(() -> delegate().setClientInfo(name, value));
    }

    @Override
    public void setClientInfo(Properties properties) throws SQLClientInfoException {
        setClientInfo(() -> delegate().setClientInfo(properties));
    }

    private void setClientInfo(Fence.Run<SQLClientInfoException> call) throws SQLClientInfoException {
        try {
            run("Connection.setClientInfo", () -> {
                log().change(Setting.CLIENT_INFO);
                call.run();
            });
        } catch (SQLClientInfoException e) {
            throw e;
        } catch (SQLException e) { // the lease is released, and JDBC declares no other
            throw new SQLClientInfoException(e.getMessage(), e.getSQLState(), Map.of(), e);
        }
    }

    /** A copy: the driver gives its own. */
    @Override
    public Properties getClientInfo() throws SQLException {
        Properties copy = new Properties();
        copy.putAll(super.getClientInfo());
        return copy;
    }

    @Override
    public void setPrepareThreshold(int threshold) {
        log().change(Setting.PREPARE_THRESHOLD);
        super.setPrepareThreshold(threshold);
    }

    @Override
    public void setDefaultFetchSize(int fetchSize) throws SQLException {
        log().change(Setting.FETCH_SIZE);
        super.setDefaultFetchSize(fetchSize);
    }

    @Override
    public void setQueryTimeout(int seconds) throws SQLException {
        log().change(Setting.QUERY_TIMEOUT);
        super.setQueryTimeout(seconds);
    }

    @Override
    public void setAutosave(AutoSave autosave) {
        log().change(Setting.AUTOSAVE);
        super.setAutosave(autosave);
    }

    @Override
    public void setAdaptiveFetch(boolean adaptiveFetch) {
        log().change(Setting.ADAPTIVE_FETCH);
        super.setAdaptiveFetch(adaptiveFetch);
    }

    @Override
    @Nullable
    DatabaseMetaData fenced(@Nullable DatabaseMetaData raw) {
        if (raw == null) {
            return null;
        }
        Seldom given = log().seldom();
        if (!isOf(given.metaData, raw)) {
            given.metaData = new FencedDatabaseMetaData(fence, raw);
        }
        return given.metaData;
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
        return call("PGConnection.getNotifications", () -> {
            while (true) {
                boolean waits = timeoutMillis >= 0 && !hearing().hasKept();
                int turn = waits ? Math.min(end.millisLeft(), NOTIFICATION_TURN_MILLIS) : WITHOUT_WAITING;
                PGNotification[] heard = hearing().forLease(driver().getNotifications(turn), log().listening());
                // In a transaction none come, and the driver does not wait.
                if (heard.length > 0 || end.isOver() || transactionState() != TransactionState.IDLE) {
                    return heard;
                }
                check();
            }
        });
    }

    // --- what pgjdbc gives as classes ---------------------------------------------------------------------------

    @Override
    public CopyManager getCopyAPI() throws SQLException {
        return call("PGConnection.getCopyAPI", () -> {
            Seldom given = log().seldom();
            CopyManager known = given.copies;
            if (known == null) {
                given.copies = known = new FencedCopyManager(fence, driver());
            }
            return known;
        });
    }

    @Override
    public LargeObjectManager getLargeObjectAPI() throws SQLException {
        return call("PGConnection.getLargeObjectAPI", () -> {
            Seldom given = log().seldom();
            LargeObjectManager known = given.largeObjects;
            if (known == null) {
                given.largeObjects = known = new FencedLargeObjectManager(fence, driver());
            }
            return known;
        });
    }

    /** Cannot be fenced, so the session is closed at the release. */
    @Override
    @Deprecated
    public Fastpath getFastpathAPI() throws SQLException {
        return call("PGConnection.getFastpathAPI", () -> {
            log().escape();
            return driver().getFastpathAPI();
        });
    }

    /** Replication takes the session over, so it is closed at the release. */
    @Override
    public PGReplicationConnection getReplicationAPI() {
        enterUnchecked();
        try {
            log().escape();
            return driver().getReplicationAPI();
        } finally {
            exit("PGConnection.getReplicationAPI");
        }
    }

    /**
     * The driver cannot forget a type again, so the session is closed at the release; {@code onOpen} is the place. What
     * it knows already, as from there, is not registered again, since libraries register their types on each
     * connection.
     */
    @Override
    @Deprecated
    public void addDataType(String type, String className) {
        enterUnchecked();
        try {
            Class<?> known = knownDataType(type);
            if (known == null || !known.getName().equals(className)) {
                log().escape();
                driver().addDataType(type, className);
            }
        } finally {
            exit("PGConnection.addDataType");
        }
    }

    /** As the other one. */
    @Override
    public void addDataType(String type, Class<? extends PGobject> implementation) throws SQLException {
        run("PGConnection.addDataType", () -> {
            if (knownDataType(type) != implementation) {
                log().escape();
                driver().addDataType(type, implementation);
            }
        });
    }

    /** A look into a map of the driver's, which asks the server nothing. */
    private @Nullable Class<? extends PGobject> knownDataType(String type) {
        return driver().getTypeInfo().getPGobject(type);
    }

    @Override
    public String toString() {
        return "Lease[" + manager() + ", " + status() + "]";
    }
}
