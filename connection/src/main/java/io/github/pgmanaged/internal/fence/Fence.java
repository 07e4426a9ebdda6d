package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.TransactionStatus;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/**
 * What stands between one lease and the session: every call passes its {@link Gate}, is noted in its {@link CallLog},
 * and is judged by the {@link CommitRules}.
 *
 * <p>Thread safety: safe.
 */
public final class Fence {
    private final String manager;
    private final PgConnection driver;
    private final Gate gate = new Gate();
    private final CallLog log = new CallLog();
    private final OpenHandles handles = new OpenHandles();

    /** Set once, by the lease's constructor. */
    private @Nullable FencedConnection lease;

    /** Cleared when it ceases to be so; what was made before is not concerned, so it may be seen late. */
    private boolean local;

    /** Why the lease was taken away. Set before the gate is shut. */
    private volatile @Nullable String revocation;

    /** A fence before a session of a manager that is named so in messages; every call passes the gate. */
    public Fence(String manager, PgConnection driver) {
        this(manager, driver, false);
    }

    /**
     * A fence before a session.
     *
     * @param local whether what should only look at memory does: if the handles are the driver's own, and
     *     {@link BinaryTypes#areKnown}
     */
    public Fence(String manager, PgConnection driver, boolean local) {
        this.manager = manager;
        this.driver = driver;
        this.local = local;
    }

    /** What every call passes. */
    public Gate gate() {
        return gate;
    }

    /** What is remembered of the calls. */
    public CallLog log() {
        return log;
    }

    // --- a call -------------------------------------------------------------------------------------------------

    void enter() throws LeaseReleasedException {
        if (!gate.tryEnter()) {
            throw released();
        }
    }

    /** For pgjdbc's methods that declare no exception: they raise the same one all the same. */
    void enterUnchecked() {
        if (!gate.tryEnter()) {
            throw unchecked(released());
        }
    }

    /**
     * Ends a call.
     *
     * @param call what it was, in case it turns out to have opened the transaction
     */
    void exit(@Nullable String call) {
        log.ended(call, driver.getTransactionState() == TransactionState.IDLE);
        gate.leave();
        if (log.isSessionOver() && isClosed(driver)) {
            lease().sessionLost();
        }
    }

    /** Enough for a call that only looks at memory. */
    void check() throws LeaseReleasedException {
        if (gate.isShut()) {
            throw released();
        }
    }

    void checkUnchecked() {
        if (gate.isShut()) {
            throw unchecked(released());
        }
    }

    /** Whether what should only look at memory does. */
    boolean isLocal() {
        return local;
    }

    /** From now on, handles are made whose methods may ask the server where one expects them not to. */
    void isNoLongerLocal() {
        local = false;
    }

    /** Notes what is about to be sent, for those who look on. */
    void running(@Nullable String call) {
        log.running(call);
    }

    /** Whether a call is under way, or a living thread has made the last one. */
    public boolean isInUse() {
        Thread user = log.lastUser();
        return gate.isBusy() || (user != null && user.isAlive());
    }

    /** Sets what later calls raise instead of "released". */
    public void revoke(String reason) {
        revocation = reason;
    }

    // --- the session's state ------------------------------------------------------------------------------------

    TransactionState transactionState() {
        return driver.getTransactionState();
    }

    /** Never blocks: these are fields of the driver's. */
    public TransactionStatus status() {
        TransactionStatus status = statusOf(driver);
        return gate.isBusy() && status != TransactionStatus.CLOSED ? TransactionStatus.ACTIVE : status;
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

    // --- what belongs to the lease --------------------------------------------------------------------------------

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

    /** Closes what was left open. Only after the gate was drained. */
    public void closeHandles() {
        handles.closeAll(this);
    }

    // --- errors -------------------------------------------------------------------------------------------------

    /** Notes an error that the driver raised. */
    SQLException failed(SQLException error) {
        log.failed(error);
        return error;
    }

    /** As {@link #failed(SQLException)}, for a statement that may have been a COMMIT. */
    SQLException failed(TransactionState before, @Nullable String sql, SQLException error) {
        return failed(before, sql, null, error);
    }

    /** The same, with the transaction's ID if it has been asked for. */
    SQLException failed(TransactionState before, @Nullable String sql, @Nullable TransactionId id, SQLException error) {
        log.failed(error);
        SQLException judged = CommitRules.of(manager, before, sql, id, error);
        if (judged != error) {
            log.commitUnknown();
        }
        return judged;
    }

    void failedMidMessage(Throwable error) {
        log.failedMidMessage(error);
    }

    /** Judges a statement that has succeeded. */
    void executed(TransactionState before, @Nullable String sql) throws SQLTransactionRollbackException {
        log.answered();
        CommitRules.check(before, driver.getTransactionState(), sql);
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
        if (gate.tryEnter()) {
            entered(name, call);
        }
    }

    /**
     * Runs the caller's own code in the middle of a call. It does nothing in the session and may take as long as it
     * likes, so a release does not wait for it.
     */
    <R> R outside(Callable<R> own) throws IOException {
        gate.leave();
        R result;
        try {
            result = own.call();
        } finally {
            gate.comeBack();
        }
        checkUnchecked();
        return result;
    }

    /** What may read from a caller's stream, or write to it. */
    @FunctionalInterface
    interface Callable<R> {
        R call() throws IOException;
    }

    private <X extends Exception> void entered(String name, Run<X> call) throws SQLException, X {
        running(name);
        try {
            call.run();
        } catch (SQLException e) {
            throw failed(e);
        } catch (Throwable e) {
            failedMidMessage(e);
            throw e;
        } finally {
            exit(name);
        }
    }

    private <R extends @Nullable Object, X extends Exception> R entered(String name, Call<R, X> call)
            throws SQLException, X {
        running(name);
        try {
            return call.call();
        } catch (SQLException e) {
            throw failed(e);
        } catch (Throwable e) {
            failedMidMessage(e);
            throw e;
        } finally {
            exit(name);
        }
    }

    @Override
    public String toString() {
        return manager;
    }
}
