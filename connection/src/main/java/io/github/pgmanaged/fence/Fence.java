package io.github.pgmanaged.fence;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.TransactionStatus;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/**
 * The gate of one lease, which every call to the session passes, and what is remembered of the calls.
 *
 * <p>Invariant: {@code calls} counts the calls between {@link #enter} and {@link #exit}, and its sign bit says that the
 * gate is shut. A call that finds it shut never reaches the session. So once the gate is shut and the count is zero,
 * nothing of this lease can reach the session any more.
 *
 * <p>Thread safety: safe.
 */
public final class Fence {
    private static final int SHUT = Integer.MIN_VALUE;
    /**
     * A COMMIT that ends so was not sent, or met a session that the server had ended since it was idle in a
     * transaction.
     */
    private static final Set<String> NEVER_DONE = Set.of("08003", "25P03");

    private static final String READ_ONLY_SQL_TRANSACTION = "25006";
    private static final VarHandle CALLS;

    static {
        try {
            CALLS = MethodHandles.lookup().findVarHandle(Fence.class, "calls", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String manager;
    private final PgConnection driver;
    private final OpenHandles handles = new OpenHandles();

    /** Set once, before anybody but its constructor knows it. */
    private @Nullable FencedConnection lease;

    /** Changed through {@link #CALLS} alone. */
    @SuppressWarnings("unused")
    private volatile int calls;

    /** Who waits for the last call to end. Written by the one thread that shut the gate. */
    private volatile @Nullable Thread drainer;

    // What is remembered. Written inside the gate; whoever has shut and drained it sees all of it.
    private boolean used;

    // For who looks on from outside the gate, to whom it need not be the very latest.
    private @Nullable Thread lastUser;
    private @Nullable String lastCall;

    /** Why the lease was taken away. Set before the gate is shut. */
    private volatile @Nullable String revocation;

    private @Nullable Opening opening;
    private volatile boolean escaped;

    // Guarded by this. Only errors and changed settings take the lock.
    private ErrorStanding worst = ErrorStanding.NONE;
    private @Nullable SQLException fatal;
    private boolean readOnlyRefused;
    private @Nullable Set<Setting> changed;

    /** The call after which the server first reported a transaction. */
    public record Opening(String statement, Thread thread, long nanoTime) {}

    public Fence(String manager, PgConnection driver) {
        this.manager = manager;
        this.driver = driver;
    }

    // --- the gate -----------------------------------------------------------------------------------------------

    private boolean tryEnter() {
        if ((int) CALLS.getVolatile(this) < 0) {
            return false; // so that a refused call does not look like one under way
        }
        if ((int) CALLS.getAndAdd(this, 1) < 0) {
            leave();
            return false;
        }
        return true;
    }

    void enter() throws LeaseReleasedException {
        if (!tryEnter()) {
            throw released();
        }
    }

    /** For pgjdbc's methods that declare no exception: they raise the same one all the same. */
    void enterUnchecked() {
        try {
            enter();
        } catch (LeaseReleasedException e) {
            throw unchecked(e);
        }
    }

    /**
     * Ends a call.
     *
     * @param call what it was, in case it turns out to have opened the transaction
     */
    void exit(@Nullable String call) {
        used = true;
        lastUser = Thread.currentThread();
        if (driver.getTransactionState() == TransactionState.IDLE) {
            opening = null;
        } else if (opening == null) {
            opening = new Opening(call == null ? "?" : call, Thread.currentThread(), System.nanoTime());
        }
        leave();
    }

    /** Enough for a call that only looks at memory. */
    void check() throws LeaseReleasedException {
        if (isShut()) {
            throw released();
        }
    }

    void checkUnchecked() {
        if (isShut()) {
            throw unchecked(released());
        }
    }

    private void leave() {
        if ((int) CALLS.getAndAdd(this, -1) == SHUT + 1) {
            LockSupport.unpark(drainer);
        }
    }

    /** Notes what is about to be sent, for who looks on. */
    void running(@Nullable String call) {
        lastCall = call;
    }

    /** What was sent last; null if nothing was. */
    public @Nullable String lastCall() {
        return lastCall;
    }

    /** Whether a call is under way, or a living thread has made the last one. */
    public boolean isInUse() {
        Thread user = lastUser;
        return isBusy() || (user != null && user.isAlive());
    }

    /** Says what later calls are told instead of "released". */
    public void revoke(String reason) {
        revocation = reason;
    }

    public boolean isShut() {
        return (int) CALLS.getOpaque(this) < 0;
    }

    /** Whether a call is under way. */
    public boolean isBusy() {
        return (calls & ~SHUT) != 0;
    }

    /**
     * Lets no further call through.
     *
     * @return whether it was this call that shut the gate
     */
    public boolean shut() {
        return (int) CALLS.getAndBitwiseOr(this, SHUT) >= 0;
    }

    /**
     * Waits, after {@link #shut}, for the calls that are under way. An interrupt is kept for later: a release has to
     * finish what it began.
     *
     * @return whether all have ended in time
     */
    public boolean drain(long deadlineNanos) {
        drainer = Thread.currentThread();
        boolean interrupted = false;
        boolean ended = !isBusy();
        long remaining;
        while (!ended && (remaining = deadlineNanos - System.nanoTime()) > 0) {
            LockSupport.parkNanos(this, remaining);
            interrupted |= Thread.interrupted();
            ended = !isBusy();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ended;
    }

    // --- the session's state ------------------------------------------------------------------------------------

    TransactionState transactionState() {
        return driver.getTransactionState();
    }

    /** Never waits: these are fields of the driver's. */
    public TransactionStatus status() {
        TransactionStatus status = statusOf(driver);
        return isBusy() && status != TransactionStatus.CLOSED ? TransactionStatus.ACTIVE : status;
    }

    /** What the server last said, whatever goes on now; a field of the driver's, which is stale in a closed session. */
    public static TransactionStatus statusOf(PgConnection driver) {
        if (isClosed(driver)) {
            return TransactionStatus.CLOSED;
        }
        return switch (driver.getTransactionState()) {
            case IDLE -> TransactionStatus.IDLE;
            case OPEN -> TransactionStatus.IN_TRANSACTION;
            case FAILED -> TransactionStatus.IN_ERROR;
        };
    }

    /** The driver's own {@code isClosed()} declares an exception and raises none. */
    public static boolean isClosed(PgConnection driver) {
        try {
            return driver.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    // --- what is remembered -------------------------------------------------------------------------------------

    void setLease(FencedConnection lease) {
        this.lease = lease;
    }

    FencedConnection lease() {
        return Objects.requireNonNull(lease);
    }

    PgConnection driver() {
        return driver;
    }

    OpenHandles handles() {
        return handles;
    }

    /** Whether statements, result sets or copies were left open. */
    public boolean hasHandles() {
        return !handles.isEmpty();
    }

    /** Whether a copy was left under way; the driver then holds its lock on the session. */
    public boolean isCopying() {
        return handles.isCopying();
    }

    /** Closes what was left open. Only after {@link #drain}. */
    public void closeHandles() {
        handles.closeAll(this);
    }

    /** Whether any call passed the gate. */
    public boolean used() {
        return used;
    }

    /** What opened the transaction that is open now, as far as the lease has seen it. */
    public @Nullable Opening opening() {
        return opening;
    }

    /** The driver's own object was given out. It cannot be taken back, so the session must not outlive the lease. */
    void escape() {
        escaped = true;
    }

    public boolean escaped() {
        return escaped;
    }

    synchronized void change(Setting setting) {
        if (changed == null) {
            changed = EnumSet.noneOf(Setting.class);
        }
        changed.add(setting);
    }

    /** The settings that have to go back to their baseline. */
    public synchronized Set<Setting> changed() {
        return changed == null ? Set.of() : changed;
    }

    public synchronized ErrorStanding worst() {
        return worst;
    }

    /** Whether the server has refused to write, as a standby does and an old primary after a failover. */
    public synchronized boolean readOnlyRefused() {
        return readOnlyRefused;
    }

    /** The first error that ended the session, if any. */
    public synchronized @Nullable SQLException fatal() {
        return fatal;
    }

    // --- errors -------------------------------------------------------------------------------------------------

    /** Notes an error that the driver raised. */
    SQLException failed(SQLException error) {
        ErrorStanding standing = ErrorStanding.of(error);
        synchronized (this) {
            worst = worst.or(standing);
            readOnlyRefused |= READ_ONLY_SQL_TRANSACTION.equals(error.getSQLState());
            if (standing == ErrorStanding.FATAL && fatal == null) {
                fatal = error;
            }
        }
        return error;
    }

    /**
     * Notes a call that broke off with something else than an {@link SQLException}, as when a stream given as a
     * parameter throws: the driver may have stopped in the middle of a message, and nothing more may be said on this
     * session.
     */
    public synchronized void brokenOff(Throwable error) {
        worst = ErrorStanding.FATAL;
        if (fatal == null) {
            fatal = new SQLException(
                    "a call broke off in the middle: " + error.getClass().getName(), "08006", error);
        }
    }

    /** As {@link #failed(SQLException)}, for a call that may have been a COMMIT. */
    SQLException failed(TransactionState before, @Nullable String sql, SQLException error) {
        return failed(before, sql, null, error);
    }

    /** The same, with the transaction's ID if it has been asked for. */
    SQLException failed(TransactionState before, @Nullable String sql, @Nullable TransactionId id, SQLException error) {
        failed(error);
        return before == TransactionState.OPEN
                        && !NEVER_DONE.contains(String.valueOf(error.getSQLState()))
                        && ErrorStanding.of(error) == ErrorStanding.FATAL
                        && SqlText.isCommit(sql)
                ? new CommitOutcomeUnknownException(
                        manager, id == null ? null : id.id(), id == null ? null : id.incarnation(), error)
                : error;
    }

    /** Raises the error that PostgreSQL does not: a COMMIT of a failed transaction is answered with ROLLBACK. */
    void executed(TransactionState before, @Nullable String sql) throws SQLTransactionRollbackException {
        if (before == TransactionState.FAILED
                && driver.getTransactionState() != TransactionState.FAILED
                && !SqlText.isRollback(sql)) {
            throw committedInVain();
        }
    }

    static SQLTransactionRollbackException committedInVain() {
        return new SQLTransactionRollbackException(
                "The transaction had failed before COMMIT, so the server rolled it back: nothing of it is committed,"
                        + " and the session is idle. See the error that failed it; roll back to a savepoint to go on"
                        + " after an error.",
                "40000");
    }

    LeaseReleasedException released() {
        String reason = revocation;
        return reason != null ? new LeaseReleasedException(reason, null) : new LeaseReleasedException(manager);
    }

    /** Throws a checked exception where none is declared. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <X extends Throwable> RuntimeException unchecked(Throwable e) throws X {
        throw (X) e;
    }

    // --- for the classes that are fenced by hand ----------------------------------------------------------------

    /** A call to the driver. */
    @FunctionalInterface
    interface Call<R extends @Nullable Object, X extends Exception> {
        R call() throws SQLException, X;
    }

    /** A call to the driver that returns nothing. */
    @FunctionalInterface
    interface Run<X extends Exception> {
        void run() throws SQLException, X;
    }

    <R extends @Nullable Object, X extends Exception> R call(String name, Call<R, X> call) throws SQLException, X {
        enter();
        return entered(name, call);
    }

    <X extends Exception> void run(String name, Run<X> call) throws SQLException, X {
        enter();
        entered(name, call);
    }

    /** As {@link #run}, for what does nothing once the lease is released. */
    <X extends Exception> void close(String name, Run<X> call) throws SQLException, X {
        if (tryEnter()) {
            entered(name, call);
        }
    }

    private <X extends Exception> void entered(String name, Run<X> call) throws SQLException, X {
        this.<Boolean, X>entered(name, () -> {
            call.run();
            return true;
        });
    }

    private <R extends @Nullable Object, X extends Exception> R entered(String name, Call<R, X> call)
            throws SQLException, X {
        running(name);
        try {
            return call.call();
        } catch (SQLException e) {
            throw failed(e);
        } catch (RuntimeException | Error e) {
            brokenOff(e);
            throw e;
        } finally {
            exit(name);
        }
    }

    /** As {@link #call}, for a stream, whose methods can only raise an {@link IOException}. */
    <R> R callStream(String name, Call<R, IOException> call) throws IOException {
        try {
            return call(name, call);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    /** As {@link #close}, for a stream, whose methods can only raise an {@link IOException}. */
    void closeStream(String name, Run<IOException> call) throws IOException {
        try {
            close(name, call);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    /** As {@link #run}, for a stream, whose methods can only raise an {@link IOException}. */
    void runStream(String name, Run<IOException> call) throws IOException {
        try {
            run(name, call);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    @Override
    public String toString() {
        return manager;
    }
}
