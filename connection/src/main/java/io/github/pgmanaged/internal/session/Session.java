package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.SessionReset;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.internal.net.SocketOwner;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.BinaryTypes;
import io.github.pgmanaged.internal.fence.CallLog;
import io.github.pgmanaged.internal.fence.ErrorStanding;
import io.github.pgmanaged.internal.fence.Fence;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.fence.Residue;
import io.github.pgmanaged.internal.fence.SessionContext;
import io.github.pgmanaged.internal.fence.Setting;
import io.github.pgmanaged.internal.time.BoundedCall;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Interrupts;
import io.github.pgmanaged.internal.time.StackRoom;
import io.github.pgmanaged.internal.time.Threads;
import io.github.pgmanaged.internal.time.Throwables;
import io.github.pgmanaged.internal.time.Watchdog;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * The one physical connection and what is known of it.
 *
 * <p>What the library itself says to the server goes through the driver's connection, never through a wrapper that the
 * data source may have put around it: foreign code could block, or throw, where the turn depends on it.
 *
 * <p>Thread safety: used by the thread that has the turn; {@link #isClosed}, {@link #status}, {@link #cut},
 * {@link #idleFor} and {@link #cancel} by any.
 */
public final class Session {
    /** A session that takes longer to say goodbye is cut. */
    static final long GOODBYE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * The driver's own timeout is the second line of defence, behind the watchdog. It must not come first: the thread
     * that it ends closes the socket, and over TLS the JDK then reads on for as long as the timeout once more.
     */
    private static final int SECOND_LINE_MILLIS = 1000;

    /** What leaves nothing that can be seen in a text; ends what a text of statements has begun. */
    private static final String FULL_TOO = "; DISCARD PLANS; DISCARD SEQUENCES";

    private final String manager;

    /** What the source gave. */
    private final Connection connection;

    /** The driver's connection in it. */
    private final PgConnection driver;

    /**
     * Whether others may use the driver's connection, past every fence: the code of the data source, or a thread to
     * which {@code onOpen} gave it. They may hold the driver's lock for as long as they like.
     */
    private final boolean shared;

    private final SocketOwner sockets;

    private final SessionReset reset;
    private final Baseline baseline;
    private final ServerBaseline server;
    private final Notifications notifications;
    private final SessionContext context;

    /** Says whether the server is still what was asked for; null if there is nothing to ask. */
    private final @Nullable LibpqDataSource libpq;

    /** Whether the source gave it with autocommit on; null if a hook has changed more than that. */
    private final @Nullable Boolean givenAutoCommit;

    /** Opens another session of the same string; null if the source is none of ours. */
    private final @Nullable LibpqDataSource source;

    private final SessionClock opened;
    private final long lifetimeNanos;

    /** When the server last proved that it is there. */
    private final SessionClock sound;

    /** When the last lease was given out, or given back; kept only if there is an {@code idleTimeout}. */
    private final SessionClock leased;

    private final boolean mayIdle;

    /** Set when it has been closed, or cut; an object of its own, since it outlasts the session. */
    private final AtomicBoolean ended = new AtomicBoolean();

    Session(
            Options options,
            Connection connection,
            PgConnection driver,
            boolean shared,
            SocketOwner sockets,
            Baseline baseline,
            ServerBaseline server,
            @Nullable LibpqDataSource libpq,
            @Nullable String incarnation,
            @Nullable Boolean givenAutoCommit) {
        this.manager = options.label();
        this.connection = connection;
        this.driver = driver;
        this.shared = shared || isWrapped();
        this.notifications = new Notifications(manager, driver, sockets.input(), this::askUninterrupted);
        this.context = new SessionContext(
                manager, connection, driver, !isWrapped() && BinaryTypes.areKnown(driver), incarnation, notifications);
        this.sockets = sockets;
        this.baseline = baseline;
        this.server = server;
        this.reset = options.sessionReset();
        this.libpq = libpq;
        this.source = options.source() instanceof LibpqDataSource of ? of : null;
        this.givenAutoCommit = givenAutoCommit;
        this.opened = new SessionClock(options.wallClock());
        this.sound = new SessionClock(options.wallClock());
        this.leased = new SessionClock(options.wallClock());
        this.mayIdle = options.idleTimeout() != null;
        this.lifetimeNanos = lifetime(options.maxLifetime());
    }

    /** Up to a tenth shorter than asked for, so that many sessions of one start do not end all at once. */
    static long lifetime(@Nullable Duration maxLifetime) {
        if (maxLifetime == null) {
            return Long.MAX_VALUE;
        }
        long nanos = Deadline.nanos(maxLifetime);
        return nanos - ThreadLocalRandom.current().nextLong(nanos / 10 + 1);
    }

    // --- a lease ------------------------------------------------------------------------------------------------

    /** Begins a lease on the session. */
    public void begin(FencedConnection lease, boolean autoCommit, long since, FencedConnection.Releaser releaser)
            throws SQLException {
        if (driver.getAutoCommit() != autoCommit) {
            driver.setAutoCommit(autoCommit);
        }
        usedUntil(since);
        lease.begin(context, releaser, autoCommit);
    }

    /** When a lease begins that was asked for now: not before the session was there. */
    public long since(long now) {
        return Math.max(opened.nanoTime() - now, 0) + now;
    }

    /** A lease has just ended in which the server proved that it is there. */
    public void provedSound(long now) {
        sound.mark(now);
    }

    /** A lease has just begun, or one that made calls has ended. */
    public void usedUntil(long now) {
        if (mayIdle) {
            leased.mark(now);
        }
    }

    // --- looking ------------------------------------------------------------------------------------------------

    /** What becomes of what the server says by itself. */
    public Notifications notifications() {
        return notifications;
    }

    /**
     * Makes sure that messages arrive here, if a pooler may keep them away.
     *
     * @throws java.sql.SQLFeatureNotSupportedException if none arrive
     * @throws SQLException if the server does not answer
     */
    public void checkMessagesArrive() throws SQLException {
        if (source != null) {
            new PoolerProbe(manager, driver, source, notifications).run();
        }
    }

    /** How long ago the last lease was. */
    public long idleFor(long now) {
        return leased.elapsed(now);
    }

    /** Whether it has lived for as long as it may. */
    public boolean isOver(long now) {
        return lifeLeft(now) <= 0;
    }

    /** Nanoseconds that it may live yet. */
    public long lifeLeft(long now) {
        return lifetimeNanos == Long.MAX_VALUE ? Long.MAX_VALUE : lifetimeNanos - opened.elapsed(now);
    }

    /** Whether calls of a lease go through a connection that is not the driver's, but foreign code. */
    private boolean isWrapped() {
        return connection != driver;
    }

    /** Whether others may hold the driver's lock. */
    public boolean isShared() {
        return shared;
    }

    /** Whether the driver knows that the connection is gone. */
    public boolean isClosed() {
        return Fence.isClosed(driver);
    }

    /** The server's last word. */
    public TransactionStatus status() {
        return Fence.statusOf(driver);
    }

    // --- validation ---------------------------------------------------------------------------------------------

    /** Whether it has to be asked before the next lease, since nothing has proved for a while that it is there. */
    boolean needsValidation(long now, long afterNanos) {
        return sound.elapsed(now) >= afterNanos;
    }

    /** Whether the server answers, and is still what was asked for. */
    boolean isSound(Deadline deadline) throws SQLException {
        askUninterrupted(deadline, () -> {
            try (Statement statement = driver.createStatement()) {
                statement.setQueryTimeout(0);
                statement.execute("");
            }
        });
        boolean sound = status() == TransactionStatus.IDLE && matchesTarget(deadline);
        provedSound(System.nanoTime());
        return sound;
    }

    /**
     * Whether the server is still what {@code target_session_attrs} asks for. After a failover it may not be: the old
     * primary is a standby now, or has become read-only.
     */
    public boolean matchesTarget(Deadline deadline) throws SQLException {
        LibpqDataSource source = libpq;
        if (source == null) {
            return true;
        }
        @Nullable String[] objection = new String[1];
        askUninterrupted(deadline, () -> objection[0] = source.objectionTo(driver));
        if (objection[0] != null) {
            Log.detachedInfo("The session of {} is given up: {}", manager, objection[0]);
        }
        return objection[0] == null;
    }

    // --- at release ---------------------------------------------------------------------------------------------

    /**
     * Rolls back whatever is open, whoever began it. The driver's {@code rollback()} refuses under autocommit, where an
     * SQL BEGIN opens a transaction just as well.
     */
    public void rollBack(Deadline deadline) throws SQLException {
        within(deadline, () -> {
            if (driver.getAutoCommit()) {
                execute("ROLLBACK");
            } else {
                driver.rollback();
            }
        });
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = driver.createStatement()) {
            statement.setQueryTimeout(0);
            statement.execute(sql);
        }
    }

    /** Closes what the lease left open. */
    public void closeHandles(Fence fence, Deadline deadline) throws SQLException {
        within(deadline, fence::closeHandles);
    }

    /**
     * Whether a lease has left what cannot be cleared without the session: what ends only with it, or what cannot be
     * told from what {@code onOpen} has made, which the next session's makes anew.
     */
    public boolean keepsWhatIsLeft(CallLog calls) {
        Set<Residue> left = calls.residue();
        if (left.isEmpty() || reset == SessionReset.JDBC_SETTINGS) {
            return false;
        }
        return left.contains(Residue.LASTING)
                || (reset == SessionReset.VISIBLE
                        && !Collections.disjoint(server.toClear(left, driver), server.made()));
    }

    /** Whether a lease has left anything to take back or to clear. */
    public boolean hasToReset(CallLog calls) {
        return !calls.changed().isEmpty() || !toClear(calls).isEmpty() || hasUnlistened(calls);
    }

    /** Whether a lease has visibly ended the manager's own listening. */
    private boolean hasUnlistened(CallLog calls) {
        return notifications.isOn() && calls.residue().contains(Residue.UNLISTENED);
    }

    private Set<Residue> toClear(CallLog calls) {
        return switch (reset) {
            case JDBC_SETTINGS -> Set.of();
            case VISIBLE -> calls.residue();
            case FULL -> calls.isUsed() ? Residue.ANYTHING : Set.of();
        };
    }

    /** Takes the settings that the lease changed back to their baseline, and clears what is to be cleared. */
    public void reset(CallLog calls, Deadline deadline) throws SQLException {
        Set<Setting> changed = calls.changed();
        Set<Residue> left = toClear(calls);
        within(deadline, () -> {
            autoCommitOn();
            for (Setting setting : changed) {
                baseline.restore(setting, driver);
            }
            String sql = server.back(changed, server.toClear(left, driver), driver);
            if (!sql.isEmpty() && reset == SessionReset.FULL) {
                sql += FULL_TOO;
            }
            boolean cleared = left.contains(Residue.LISTENING);
            if (cleared || hasUnlistened(calls)) {
                notifications.clear(sql, hasUnlistened(calls));
            } else if (!sql.isEmpty()) {
                execute(sql);
            }
            if (cleared) {
                notifications.drop(); // those that the driver still has
            }
        });
    }

    private void autoCommitOn() throws SQLException {
        SessionSetup.autoCommitOn(driver);
    }

    /** Forgets the driver's warnings of the lease, where nobody else may hold the driver's lock. */
    public void clearWarnings() throws SQLException {
        driver.clearWarnings();
    }

    /** Forgets the driver's warnings of the lease, which takes the driver's lock. */
    public void clearWarnings(Deadline deadline) throws SQLException {
        if (shared) {
            Watchdog.watch(deadline, this::bite, driver::clearWarnings);
        } else {
            driver.clearWarnings();
        }
    }

    /**
     * As {@link #within}, and if others may hold the driver's lock, on a thread of its own: who waits for it behind a
     * COPY is not freed when the session is cut.
     */
    private void ask(Deadline deadline, BoundedCall.Task work) throws SQLException {
        if (!shared) {
            within(deadline, work);
        } else if (!BoundedCall.run("question", deadline, () -> within(deadline, work))) {
            throw new SQLNonTransientConnectionException("no answer in time; others may use the connection", "08006");
        }
    }

    /** Kept for later: an interrupted virtual thread cannot read, and the session would be lost. */
    private void askUninterrupted(Deadline deadline, BoundedCall.Task work) throws SQLException {
        Interrupts kept = Interrupts.keep();
        try {
            ask(deadline, work);
        } finally {
            kept.restore();
        }
    }

    /** Runs what talks to the server, and cuts the session if it is not over in time. */
    public void within(Deadline deadline, BoundedCall.Task work) throws SQLException {
        if (!StackRoom.isEnough()) {
            throw new StackOverflowError("too little stack is left to talk to the server");
        }
        int millis = deadline.millisLeft();
        driver.setNetworkTimeout(Runnable::run, millis + Math.min(SECOND_LINE_MILLIS, Integer.MAX_VALUE - millis));
        try {
            Watchdog.watch(deadline, this::bite, work);
        } catch (SQLException e) {
            networkTimeoutAfter(e);
            throw e;
        }
        driver.setNetworkTimeout(Runnable::run, baseline.networkTimeout());
        if (notifications.isOn()) { // what has come with the answer
            notifications.sort(Set.of());
        }
    }

    /** If the server has only refused something, the session goes on. */
    private void networkTimeoutAfter(SQLException e) {
        if (ErrorStanding.of(e) == ErrorStanding.HEALTHY) {
            try {
                driver.setNetworkTimeout(Runnable::run, baseline.networkTimeout());
            } catch (SQLException second) {
                e.addSuppressed(second);
            }
        }
    }

    // --- ending -------------------------------------------------------------------------------------------------

    /** Asks the server to end what it is doing for this session, over a connection of its own. */
    public void cancel() throws SQLException {
        driver.cancelQuery();
    }

    /**
     * Closes the session in good order, or cuts it if that takes long. For a thread that has no turn: it waits for the
     * data source's own connection to close, a second at most. The caller has taken the session out of its place, so it
     * is the only one that can end it: it cuts the session if this breaks off.
     */
    public void close() {
        closeAll();
        ended.set(true);
    }

    /** Becomes true when nothing is left to be closed by the thread that ends this session. */
    AtomicBoolean ended() {
        return ended;
    }

    private void closeAll() {
        try {
            closeDriver();
        } finally {
            sockets.closeAll(); // whatever was thrown
        }
        if (isWrapped()) {
            try {
                BoundedCall.run("close", Deadline.afterNanos(GOODBYE_NANOS), this::closeWrapper);
            } catch (SQLException | OutOfMemoryError e) {
                Log.detachedDebug("Could not close the data source's connection of {}", manager, e);
            }
        }
    }

    /**
     * Ends a session that is sound, and that nobody has asked to end: through the source, which may be a pool, and keep
     * what it gave. A pool that finds its connection closed warns of an error. What an {@code onOpen} hook has made, a
     * pool's other users must not get, so such a session is closed first, as by {@link #close}.
     */
    public void giveBack() {
        Boolean given = givenAutoCommit;
        if (!isWrapped() || given == null || status() != TransactionStatus.IDLE || notifications.isOn()) {
            close();
            return;
        }
        boolean autoCommit = given;
        // By the thread that is about to give it back, or by this one, which then cuts it: once it may be a pool's
        // again, it may be another's.
        AtomicBoolean decided = new AtomicBoolean();
        AtomicBoolean refused = new AtomicBoolean();
        try {
            BoundedCall.run("close", Deadline.afterNanos(GOODBYE_NANOS), () -> {
                if (driver.getAutoCommit() != autoCommit) {
                    driver.setAutoCommit(autoCommit);
                }
                if (decided.compareAndSet(false, true) && !closeWrapper()) {
                    refused.set(true);
                }
            });
        } catch (SQLException | OutOfMemoryError e) {
            Log.detachedInfo("The connection of {} could not be given back: {}", manager, Throwables.text(e));
        } finally {
            if (decided.compareAndSet(false, true) || refused.get()) {
                cutDriver();
                sockets.closeAll();
            }
        }
        ended.set(true);
    }

    /** As {@link #close}, but foreign code is not waited for. */
    public void closeInTurn() {
        try {
            closeDriver();
        } finally {
            sockets.closeAll();
        }
        ended.set(true);
        closeWrapperSoon();
    }

    private void closeDriver() {
        if (!StackRoom.isEnough()) {
            cutDriver();
            return;
        }
        try {
            if (ownsSocket()) {
                Watchdog.watch(Deadline.afterNanos(GOODBYE_NANOS), sockets::closeAll, driver::close);
            } else if (!BoundedCall.run("close", Deadline.afterNanos(GOODBYE_NANOS), driver::close)) {
                Threads.detach("abort", this::abortDriver);
            }
        } catch (SQLException | RuntimeException | OutOfMemoryError e) {
            Log.detachedInfo("Could not close the connection of {} in good order: {}", manager, Throwables.text(e));
            cutDriver();
        }
    }

    /**
     * Cuts the socket. A thread that is in a call gets an error at once. It takes neither time nor a thread where the
     * socket is ours.
     */
    public void cut() {
        try {
            cutDriver();
        } finally {
            try {
                sockets.closeAll();
            } finally {
                ended.set(true);
            }
        }
        closeWrapperSoon();
    }

    private boolean ownsSocket() {
        return !sockets.isEmpty();
    }

    private void cutDriver() {
        if (ownsSocket()) {
            sockets.closeAll();
            abortDriver(); // has nothing to wait for any more
            return;
        }
        // Over TLS the JDK says goodbye before it closes a socket, and waits for a thread that is stuck in writing.
        try {
            if (!BoundedCall.run("abort", Deadline.afterNanos(GOODBYE_NANOS), this::abortDriver)) {
                Log.detachedWarn(
                        "The socket of {} is not closed yet: a thread is still writing to the server", manager);
            }
        } catch (SQLException | OutOfMemoryError e) {
            abortDriver();
        }
    }

    private void abortDriver() {
        try {
            driver.abort(Runnable::run);
        } catch (SQLException | RuntimeException e) {
            Log.detachedInfo("Could not abort the connection of {}: {}", manager, Throwables.text(e));
        }
    }

    /** The watchdog's bite: on its thread, which must not block. */
    private void bite() {
        if (ownsSocket()) {
            sockets.closeAll();
        } else {
            Threads.detach("abort", this::abortDriver);
        }
    }

    private void closeWrapperSoon() {
        if (isWrapped()) {
            Threads.detach("close", this::closeWrapper);
        }
    }

    /**
     * A source may count what it gave, and learns of the end by {@code close()} alone. It is the last thing, since a
     * pool's own close may hand the connection to others; by then the driver's is closed, or as the source gave it. It
     * is foreign code, and may block.
     */
    private boolean closeWrapper() {
        try {
            connection.close();
            return true;
        } catch (Throwable t) {
            Log.detachedInfo(
                    "The data source's connection of {} could not be closed: {}", manager, Throwables.text(t), t);
            return false;
        }
    }
}
