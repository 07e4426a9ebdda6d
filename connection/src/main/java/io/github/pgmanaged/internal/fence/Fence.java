package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.internal.time.Threads;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransactionRollbackException;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLException;

/**
 * What stands between one lease and the session: every call passes its {@link Gate}, is noted in its {@link CallLog},
 * and is judged by the {@link CommitRules}.
 *
 * <p>It is its own gate, and makes the rest when a call comes: a lease that makes none should cost little.
 *
 * <p>Thread safety: safe.
 */
public final class Fence extends Gate {
    /** What the JDK says to a virtual thread whose socket it has closed. */
    private static final String CLOSED_BY_INTERRUPT = "Closed by interrupt";

    private static final String QUERY_CANCELED = "57014";

    private final String manager;
    private final PgConnection driver;
    private final SessionContext context;

    /** Made by the first call. Written under the lock of this. */
    private volatile @Nullable CallLog log;

    /** Made for the first one. Written under the lock of this. */
    private volatile @Nullable OpenHandles handles;

    /** Set once, by the lease's constructor. */
    private @Nullable FencedConnection lease;

    /** Cleared when it ceases to be so; what was made before is not concerned, so it may be seen late. */
    private boolean local;

    /** As the lease was last told, in the gate; the driver's own can be asked only while it is open. */
    private boolean autoCommit;

    /** Why the lease is over, if it was not released. Set before the gate is shut. */
    private volatile @Nullable String revocation;

    /** Whether it was taken from its holder. Set before the gate is shut. */
    private volatile boolean revoked;

    /** A fence before a session of a manager that is named so in messages; every call passes the gate. */
    public Fence(String manager, PgConnection driver) {
        this(manager, driver, false, new SessionContext(Hearing.OF_LEASES_ALONE));
    }

    /**
     * A fence before a session, where other leases came before.
     *
     * @param local whether what should only look at memory does: if the handles are the driver's own, and
     *     {@link BinaryTypes#areKnown}
     * @param context what they have in common
     */
    public Fence(String manager, PgConnection driver, boolean local, SessionContext context) {
        this.manager = manager;
        this.driver = driver;
        this.local = local;
        this.context = context;
    }

    /** What every call passes. */
    public Gate gate() {
        return this;
    }

    /** What is remembered of the calls; to be written to, or read by the thread that ends the lease. */
    public CallLog log() {
        CallLog known = log;
        return known != null ? known : makeLog();
    }

    /** What is remembered of the calls, for those who look on: nothing is made for them. */
    public CallLog seen() {
        CallLog known = log;
        return known != null ? known : CallLog.OF_NO_CALL;
    }

    private synchronized CallLog makeLog() {
        CallLog known = log;
        if (known == null) {
            known = new CallLog();
            log = known;
        }
        return known;
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
            TransactionState state = driver.getTransactionState();
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
        if (over && lease != null) {
            lease.sessionLost(); // cut here and now, so that no later call, and no COMMIT, can get through
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
        return context.hearing();
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
        log().running(call);
    }

    /** Notes what a text that is about to be sent visibly leaves in the session, whether it succeeds or not. */
    void sends(@Nullable String sql) {
        boolean standardStrings = driver.getStandardConformingStrings();
        if (sql == null || (standardStrings && context.harmless().contains(sql))) {
            return;
        }
        Set<Residue> residue = ResidueScan.of(sql, standardStrings);
        if (!residue.isEmpty()) {
            log().leave(residue);
            if (residue.contains(Residue.LISTENING)) {
                log().listens(sql, standardStrings);
            }
        } else if (standardStrings) {
            context.harmless().add(sql);
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
        revocation = reason;
        revoked = true;
    }

    /** Sets what later calls raise instead of "released": the session is lost, of which the call under way knows. */
    public void lost(String reason) {
        revocation = reason;
    }

    /** Whether the lease was taken from its holder. */
    boolean isTakenAway() {
        return revoked;
    }

    /** Whether the session was lost under the lease, whose turn has passed on since. */
    boolean isLost() {
        return revocation != null && !revoked;
    }

    // --- the session's state ------------------------------------------------------------------------------------

    TransactionState transactionState() {
        return driver.getTransactionState();
    }

    /** Never blocks: these are fields of the driver's. */
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

    /** Notes whether the driver's autocommit is on. */
    public void autoCommit(boolean on) {
        autoCommit = on;
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
        OpenHandles known = handles;
        return known != null ? known : makeHandles();
    }

    private synchronized OpenHandles makeHandles() {
        OpenHandles known = handles;
        if (known == null) {
            known = new OpenHandles();
            handles = known;
        }
        return known;
    }

    /** Whether statements, result sets or copies were left open. */
    public boolean hasHandles() {
        OpenHandles known = handles;
        return known != null && !known.isEmpty();
    }

    /** Whether a copy was begun that may not have ended. */
    public boolean mayBeCopying() {
        OpenHandles known = handles;
        return known != null && known.mayBeCopying();
    }

    /** The text of a COPY FROM that was not ended; null if there is none. Asks the driver, which takes its lock. */
    public @Nullable String unendedCopy() {
        OpenHandles known = handles;
        return known == null ? null : known.unendedCopy();
    }

    /** Closes what was left open. Only after the gate was drained. */
    public void closeHandles() {
        handles().closeAll(this);
    }

    // --- errors -------------------------------------------------------------------------------------------------

    /** Notes an error that the driver raised. */
    SQLException failed(SQLException error) {
        ErrorStanding standing = standing(error);
        SQLException told = explained(error);
        note(told, standing);
        return told;
    }

    /** Says what the driver cannot know: who has ended a call that was under way. */
    private SQLException explained(SQLException error) {
        String ended = isShut() ? endedBy(error) : null;
        if (ended != null) {
            Throwables.suppress(error, new LeaseReleasedException(ended, null));
        }
        if (!Threads.isVirtual(Thread.currentThread())
                || Throwables.chain(error).stream()
                        .noneMatch(e -> Throwables.message(e).contains(CLOSED_BY_INTERRUPT))) {
            return error;
        }
        return new SQLNonTransientConnectionException(
                "The virtual thread \"" + Threads.name(Thread.currentThread()) + "\" was interrupted in a call to the"
                        + " server, and the JDK closes the socket that an interrupted virtual thread reads from. So the"
                        + " session of " + manager
                        + " is lost, what was not committed is rolled back by the server, and"
                        + " the next lease opens a new session. Cancel statements with Statement.cancel(), or use"
                        + " platform threads.",
                "08006",
                error);
    }

    private @Nullable String endedBy(SQLException error) {
        if (revoked) {
            return revocation;
        }
        return QUERY_CANCELED.equals(Throwables.sqlState(error))
                ? "This lease of " + manager + " was released while the call was under way, so the call was cancelled."
                        + " Let the calls of other threads end before the lease is released."
                : null;
    }

    /** As {@link #failed(SQLException)}, for a text that may have committed something. */
    SQLException failed(TransactionState before, @Nullable String text, SQLException error) {
        return judged(before, text, false, error, standing(error, text));
    }

    /** The same, for what the driver may send in parts. */
    SQLException failedBatch(TransactionState before, @Nullable String text, SQLException error) {
        return judged(before, text, true, error, standing(error));
    }

    /** As {@link #failed(SQLException)}, for {@code commit()}, with the transaction's ID if it has been asked for. */
    SQLException failedCommit(TransactionState before, @Nullable TransactionId id, SQLException raised) {
        ErrorStanding standing = standing(raised);
        SQLException error = explained(raised);
        note(error, standing);
        return standing == ErrorStanding.FATAL && before == TransactionState.OPEN && CommitRules.mayBeDone(error)
                ? unknown(
                        error,
                        cause -> new CommitOutcomeUnknownException(
                                manager, id == null ? null : id.id(), id == null ? null : id.incarnation(), cause))
                : error;
    }

    private void note(SQLException error, ErrorStanding standing) {
        log().failed(error, standing, driver.getTransactionState() == TransactionState.FAILED);
    }

    private SQLException judged(
            TransactionState before,
            @Nullable String text,
            boolean inParts,
            SQLException raised,
            ErrorStanding standing) {
        SQLException error = explained(raised);
        note(error, standing);
        if (standing != ErrorStanding.FATAL
                || !CommitRules.mayHaveCommitted(before, autoCommit, text, inParts, error)) {
            return error;
        }
        String shown = text == null ? "a statement" : SqlText.shown(text);
        return unknown(error, cause -> new CommitOutcomeUnknownException(manager, shown, cause));
    }

    private SQLException unknown(
            SQLException cause, Function<@Nullable SQLException, CommitOutcomeUnknownException> outcome) {
        log().commitUnknown(cause, outcome);
        return outcome.apply(cause);
    }

    /**
     * Where the session stands after an error. What only looks like the end of a session is none: the driver has a code
     * of class 08 even for an object of the application's that throws, and a function of the server's may raise any.
     */
    private ErrorStanding standing(SQLException error) {
        return standing(error, null);
    }

    private ErrorStanding standing(SQLException error, @Nullable String text) {
        ErrorStanding standing = ErrorStanding.of(error);
        if (standing == ErrorStanding.HEALTHY
                && error instanceof PSQLException
                && !ErrorStanding.isServersWord(error)
                && ErrorOrigin.isOfCopyStart(error, text)) {
            return ErrorStanding.FATAL;
        }
        if (standing != ErrorStanding.FATAL || isClosed(driver) || ErrorStanding.isServersEnd(error)) {
            return standing;
        }
        if (ErrorStanding.isServersWord(error)) {
            return ErrorStanding.HEALTHY;
        }
        if (!ErrorOrigin.isOutsideEngine(error, new Throwable())) {
            return ErrorStanding.FATAL;
        }
        // A wrapper around the driver may think that it is closed, and refuse the next lease as well.
        return error instanceof PSQLException ? ErrorStanding.HEALTHY : ErrorStanding.UNKNOWN;
    }

    /**
     * Notes a call that ended with something else than an {@link SQLException}. If it did so outside the driver's
     * exchange with the server, as with an argument that is null, the session is sound. Otherwise the driver may have
     * stopped in the middle of a message, and nothing more may be said on this session.
     */
    void brokeOff(Throwable thrown) {
        if (!ErrorOrigin.isOutsideEngine(thrown, new Throwable())) {
            brokeOffInExchange(thrown);
        }
    }

    /** As {@link #brokeOff(Throwable)}, for a text that may have committed something. */
    void brokeOff(TransactionState before, @Nullable String text, Throwable thrown) {
        if (!ErrorOrigin.isOutsideEngine(thrown, new Throwable())) {
            var unused = judged(before, text, true, brokenOff(thrown), ErrorStanding.FATAL);
        }
    }

    /** As {@link #brokeOff(Throwable)}, for {@code commit()}. */
    void brokeOffCommit(TransactionState before, @Nullable TransactionId id, Throwable thrown) {
        if (!ErrorOrigin.isOutsideEngine(thrown, new Throwable())) {
            var unused = failedCommit(before, id, brokenOff(thrown));
        }
    }

    /** As {@link #brokeOff(Throwable)}, whatever its stack says. */
    void brokeOffInExchange(Throwable thrown) {
        note(brokenOff(thrown), ErrorStanding.FATAL);
    }

    private static SQLException brokenOff(Throwable thrown) {
        return new SQLException(
                "a call ended in the middle: " + thrown.getClass().getName(), "08006", thrown);
    }

    /** Judges a statement that has succeeded. */
    void executed(TransactionState before, @Nullable String sql) throws SQLTransactionRollbackException {
        log().answered();
        if (before == TransactionState.FAILED) {
            CommitRules.check(before, driver.getTransactionState(), sql, log().transactionError());
        }
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
            throw failed(before, text, e);
        } catch (Throwable e) {
            brokeOff(before, text, e);
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

    @Override
    public String toString() {
        return manager;
    }
}
