package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.TransactionStatus;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/**
 * What stands between one lease and the session: every call passes its {@link Gate}, is noted in its {@link CallLog},
 * and is judged by the {@link CommitRules}.
 *
 * <p>It is its own gate, and the lease is its own fence: so a lease that makes no call is one small object beside its
 * turn. The rest is made when a call comes.
 *
 * <p>Thread safety: safe.
 */
public abstract class Fence extends Gate {
    /** Set by {@link #stand}, before anybody gets the lease. */
    private SessionContext session;

    /** By compare-and-set: the lease is the application's, and so is the lock of it. */
    private static final AtomicReferenceFieldUpdater<Fence, @Nullable CallLog> LOG =
            AtomicReferenceFieldUpdater.newUpdater(Fence.class, CallLog.class, "log");

    /** Made by the first call. Written through {@link #LOG} alone. */
    private volatile @Nullable CallLog log;

    /** Cleared when it ceases to be so; what was made before is not concerned, so it may be seen late. */
    private boolean local;

    /** As the lease was last told, in the gate; the driver's own can be asked only while it is open. */
    private boolean autoCommit;

    /** Stands before no session yet. */
    @SuppressWarnings("NullAway.Init")
    Fence() {}

    /** From now on it stands before a session, whose autocommit is on or off. */
    final void stand(SessionContext before, boolean isAutoCommit) {
        session = before;
        local = before.local();
        autoCommit = isAutoCommit;
    }

    /** What every call passes. */
    public final Gate gate() {
        return this;
    }

    /** What is remembered of the calls; to be written to, or read by the thread that ends the lease. */
    public final CallLog log() {
        CallLog known = log;
        return known != null ? known : makeLog();
    }

    /** What is remembered of the calls, for those who look on: nothing is made for them. */
    public final CallLog seen() {
        CallLog known = log;
        return known != null ? known : CallLog.OF_NO_CALL;
    }

    private CallLog makeLog() {
        CallLog made = new CallLog();
        return LOG.compareAndSet(this, null, made) ? made : Objects.requireNonNull(log);
    }

    @Override
    final @Nullable Thread drainer() {
        return seen().drainer();
    }

    @Override
    final void drainedBy(Thread thread) {
        log().drainedBy(thread);
    }

    // --- a call -------------------------------------------------------------------------------------------------

    void enter() throws LeaseReleasedException {
        var unused = log(); // made before: if there is no memory for it, no call is under way that nobody ends
        if (!tryEnter()) {
            throw released();
        }
    }

    /** For pgjdbc's methods that declare no exception: they raise the same one all the same. */
    void enterUnchecked() {
        var unused = log();
        if (!tryEnter()) {
            throw unchecked(released());
        }
    }

    /**
     * Ends a call.
     *
     * @param call what it was, in case it turns out to have opened the transaction
     */
    void exit(@Nullable String call) {
        boolean over;
        try {
            TransactionState state = driver().getTransactionState();
            CallLog calls = log();
            // Not beside another call, whose lock of the driver's this one would wait for: that one does it.
            if (calls.ended(call, state == TransactionState.IDLE) && hearing().isOn() && isAlone()) {
                hearing().sort(calls.listening());
            }
            if (state != TransactionState.FAILED) {
                calls.notInFailedTransaction();
            }
            over = calls.isSessionOver();
        } finally {
            leave();
        }
        if (over) {
            sessionLost(); // cut here and now, so that no later call, and no COMMIT, can get through
        }
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

    /** What becomes of the session's notifications. */
    Hearing hearing() {
        return session.hearing();
    }

    @Override
    final boolean isLocal() {
        return local;
    }

    /** From now on, handles are made whose methods may ask the server where one expects them not to. */
    void isNoLongerLocal() {
        local = false;
    }

    /** Notes what is about to be sent, for those who look on. */
    void running(@Nullable String call) {
        log().running(call);
    }

    /** Notes what a text that is about to be sent visibly leaves in the session, whether it succeeds or not. */
    void sends(@Nullable String sql) {
        boolean standardStrings = driver().getStandardConformingStrings();
        if (sql == null || (standardStrings && session.harmless().contains(sql))) {
            return;
        }
        Set<Residue> residue = ResidueScan.of(sql, standardStrings);
        if (!residue.isEmpty()) {
            log().leave(residue);
            if (residue.contains(Residue.LISTENING)) {
                log().listens(sql, standardStrings);
            }
        } else if (standardStrings) {
            session.harmless().add(sql);
        }
    }

    /** Whether a call is under way, or a living thread has made the last one. */
    public boolean isInUse() {
        Thread user = seen().lastUser();
        return isBusy() || (user != null && user.isAlive());
    }

    /**
     * Sets what later calls raise instead of "released", and what the calls under way learn: the lease is taken away.
     */
    public void revoke(String reason) {
        log().over(reason, true);
    }

    /** Sets what later calls raise instead of "released": the session is lost, of which the call under way knows. */
    public void lost(String reason) {
        log().over(reason, false);
    }

    /** Whether the lease was taken from its holder. */
    boolean isTakenAway() {
        return log().isRevoked();
    }

    /** Whether the session was lost under the lease, whose turn has passed on since. */
    boolean isLost() {
        return log().overSince() != null && !log().isRevoked();
    }

    // --- the session's state ------------------------------------------------------------------------------------

    TransactionState transactionState() {
        return driver().getTransactionState();
    }

    /** That of the session, for as long as the lease has it. Never blocks: these are fields of the driver's. */
    public final TransactionStatus sessionStatus() {
        TransactionStatus status = statusOf(driver());
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

    /** Notes whether the driver's autocommit is on. */
    final void autoCommit(boolean on) {
        autoCommit = on;
    }

    /** Whether the lease was last told that it is. */
    final boolean isAutoCommit() {
        return autoCommit;
    }

    // --- what belongs to the lease --------------------------------------------------------------------------------

    /** Which stands behind this fence, and is it. */
    abstract FencedConnection lease();

    /** A call found the session closed. */
    abstract void sessionLost();

    @Override
    final Connection delegate() {
        return session.connection();
    }

    final PgConnection driver() {
        return session.driver();
    }

    /** Of the server, if commits are to be verified. */
    final @Nullable String incarnation() {
        return session.incarnation();
    }

    /** The manager's name. */
    final String manager() {
        return session.manager();
    }

    final OpenHandles handles() {
        return log();
    }

    /** Whether statements, result sets or copies were left open. */
    public final boolean hasHandles() {
        return !seen().isEmpty();
    }

    /** Whether a copy was begun that may not have ended. */
    public final boolean mayBeCopying() {
        return seen().mayBeCopying();
    }

    /** The text of a COPY FROM that was not ended; null if there is none. Asks the driver, which takes its lock. */
    public final @Nullable String unendedCopy() {
        return seen().unendedCopy();
    }

    /** Closes what was left open. Only after the gate was drained. */
    public final void closeHandles() {
        handles().closeAll(this);
    }

    // --- errors -------------------------------------------------------------------------------------------------
    // If an Error strikes in a judgement, too, the session may be in the middle of a message, and is over.
    // A plain write notes that, since where one step fails for want of memory, so do the next ones.

    /** Notes an error that the driver raised. */
    SQLException failed(SQLException error) {
        try {
            return Failures.failed(this, error);
        } catch (Throwable t) {
            Objects.requireNonNull(log).sessionOver = true;
            throw t;
        }
    }

    /**
     * The same, for what may have committed something.
     *
     * @param by ran it
     * @param text of what ran; null for the script that was prepared
     */
    SQLException failed(TransactionState before, Handle by, @Nullable String text, SQLException error) {
        try {
            return Failures.failed(this, before, text == null ? by.script() : text, error);
        } catch (Throwable t) {
            Objects.requireNonNull(log).sessionOver = true;
            throw t;
        }
    }

    /** The same, for what the driver may send in parts. */
    SQLException failedBatch(TransactionState before, Handle by, SQLException error) {
        try {
            return Failures.failedBatch(this, before, by.script(), error);
        } catch (Throwable t) {
            Objects.requireNonNull(log).sessionOver = true;
            throw t;
        }
    }

    /** The same, for {@code commit()}. */
    SQLException failedCommit(TransactionState before, @Nullable TransactionId id, SQLException error) {
        try {
            return Failures.failedCommit(this, before, id, error);
        } catch (Throwable t) {
            Objects.requireNonNull(log).sessionOver = true;
            throw t;
        }
    }

    /** Notes a call that is known to have ended in the middle of an exchange. */
    void brokeOffInExchange(Throwable thrown) {
        try {
            Failures.brokeOffInExchange(this, thrown);
        } catch (Throwable t) {
            Objects.requireNonNull(log).sessionOver = true;
            throw t;
        }
    }

    /** Notes a call that ended with something else than an {@link SQLException}. */
    void brokeOff(Throwable thrown) {
        try {
            Failures.brokeOff(this, thrown);
        } catch (Throwable t) {
            Objects.requireNonNull(log).sessionOver = true;
            throw t;
        }
    }

    /** The same, for what may have committed something. */
    void brokeOff(TransactionState before, Handle by, @Nullable String text, Throwable thrown) {
        try {
            Failures.brokeOff(this, before, text == null ? by.script() : text, thrown);
        } catch (Throwable t) {
            Objects.requireNonNull(log).sessionOver = true;
            throw t;
        }
    }

    /** The same, for {@code commit()}. */
    void brokeOffCommit(TransactionState before, @Nullable TransactionId id, Throwable thrown) {
        try {
            Failures.brokeOffCommit(this, before, id, thrown);
        } catch (Throwable t) {
            Objects.requireNonNull(log).sessionOver = true;
            throw t;
        }
    }

    /** Judges a statement that has succeeded. */
    void executed(TransactionState before, @Nullable String sql) throws SQLTransactionRollbackException {
        log().answered();
        if (before == TransactionState.FAILED) {
            CommitRules.check(before, transactionState(), sql, log().transactionError());
        }
    }

    LeaseReleasedException released() {
        String reason = seen().overSince();
        return reason != null ? new LeaseReleasedException(reason, null) : new LeaseReleasedException(manager());
    }

    /** Throws a checked exception where none is declared. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <X extends Throwable> RuntimeException unchecked(Throwable e) throws X {
        throw (X) e;
    }

    /**
     * The driver's text of an object of its own. Asking for it is no use of the lease, and is not noted as one: a
     * thread that writes a log would keep an abandoned lease alive. Once the lease is released nothing is asked, and
     * the text names no manager, since a caller may take it for data.
     */
    String text(Object fenced, Object delegate) {
        return text(delegate, () -> fenced.getClass().getSimpleName().replace("Fenced", "") + " of a released lease");
    }

    /** The same, with another text once the lease is released. */
    String text(Object delegate, Supplier<String> released) {
        if (!tryEnter()) {
            return released.get();
        }
        try {
            return delegate.toString();
        } finally {
            leave();
        }
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
        running(name);
        return entered(name, call);
    }

    <X extends Exception> void run(String name, Run<X> call) throws SQLException, X {
        enter();
        running(name);
        entered(name, call);
    }

    /** As {@link #call}, for what runs a text of SQL, or may change something in the database. */
    <R extends @Nullable Object, X extends Exception> R execute(String text, Call<R, X> call) throws SQLException, X {
        enter();
        running(text);
        TransactionState before = transactionState();
        try {
            R result = call.call();
            executed(before, text);
            return result;
        } catch (SQLException e) {
            throw failed(before, this, text, e);
        } catch (Throwable e) {
            brokeOff(before, this, text, e);
            throw e;
        } finally {
            exit(text);
        }
    }

    /**
     * As {@link #run}, for what does nothing once the lease is released. It is not noted: who looks on wants to know of
     * the statement, and not that it was closed.
     */
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
        try {
            return call.call();
        } catch (SQLException e) {
            throw failed(e);
        } catch (Throwable e) {
            brokeOff(e);
            throw e;
        } finally {
            exit(name);
        }
    }
}
