package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one lease remembers of its calls, and what they gave out: one object, so that a lease of a call or two costs
 * little.
 *
 * <p>Thread safety: the plain fields are written inside the gate; the thread that has shut and drained it sees all of
 * it. Others may look on, and need not see the very latest.
 */
public final class CallLog extends OpenHandles {
    /** That of a lease without a call. Never written to. */
    static final CallLog OF_NO_CALL = new CallLog();

    private static final String READ_ONLY_SQL_TRANSACTION = "25006";

    private int calls;
    private @Nullable Thread lastUser;
    private @Nullable String lastCall;
    private boolean answered;

    /** Something is said to the server, whose end is to be noted. */
    private boolean saying;

    private volatile long lastSaid;

    // What opened the transaction that is open now; null if none is. Fields, since most leases have one.
    private @Nullable String opener;
    private @Nullable Thread openedBy;
    private long openedAt;

    private volatile boolean escaped;

    /** Whether an error has ended the session: one that was noted, or one that could not be. */
    volatile boolean sessionOver;

    /** Made by what few leases do. Written under the lock of this. */
    private volatile @Nullable Seldom seldom;

    /** An error that ended the session, and what it says, so that it need not be asked again. */
    public record Fatal(
            SQLException error, String message, @Nullable String sqlState) {
        /** Asks an error. */
        public static Fatal of(SQLException error) {
            return new Fatal(error, Throwables.message(error), Throwables.sqlState(error));
        }
    }

    /** To be written to. */
    Seldom seldom() {
        Seldom known = seldom;
        return known != null ? known : makeSeldom();
    }

    private synchronized Seldom makeSeldom() {
        Seldom known = seldom;
        if (known == null) {
            known = new Seldom();
            seldom = known;
        }
        return known;
    }

    // --- calls --------------------------------------------------------------------------------------------------

    /** Notes what is about to be sent. */
    void running(@Nullable String call) {
        lastCall = call;
        saying = true;
    }

    /**
     * Notes the end of a call.
     *
     * @param call what it was, in case it turns out to have opened the transaction
     * @param idle whether the server reports no transaction
     * @return whether something was said to the server
     */
    boolean ended(@Nullable String call, boolean idle) {
        calls++;
        Thread user = Thread.currentThread();
        if (lastUser != user) { // to write a reference costs more than to read it
            lastUser = user;
        }
        if (saying || idle == (opener != null && openedBy != null)) {
            said(call, idle, System.nanoTime());
            return true;
        }
        return false;
    }

    /** Calls that only look at what the driver has do not come here: a time stamp would be most of their cost. */
    private void said(@Nullable String call, boolean idle, long now) {
        saying = false;
        lastSaid = now;
        if (idle) {
            opener = null;
            openedBy = null; // a thread that has ended need not be kept
        } else if (opener == null || openedBy == null) { // two threads may have noted one half each
            openedAt = now;
            openedBy = Thread.currentThread();
            opener = call == null ? "?" : call;
        }
    }

    /** When the server was last told something, by {@link System#nanoTime()}; 0 if it was told nothing yet. */
    public long lastSaid() {
        return lastSaid;
    }

    /** Notes that the server has answered: only that proves that it is there. */
    void answered() {
        answered = true;
    }

    /** Whether the server has answered a statement. */
    public boolean hasAnswer() {
        return answered;
    }

    /** Notes that the answer to a COMMIT was lost; the first one counts, since nothing is said after it. */
    void commitUnknown(SQLException cause, Function<@Nullable SQLException, CommitOutcomeUnknownException> outcome) {
        Seldom known = seldom();
        if (known.unknownOutcome == null) {
            known.unknownBecause = cause;
            known.unknownOutcome = outcome;
        }
    }

    /** Whether the answer to a COMMIT was lost. */
    public boolean isCommitUnknown() {
        Seldom known = seldom;
        return known != null && known.unknownOutcome != null;
    }

    /** What says that the answer to a COMMIT was lost, made anew; null if none was. */
    public @Nullable CommitOutcomeUnknownException unknownOutcome() {
        Seldom known = seldom;
        return known == null ? null : known.unknownOutcome(known.unknownBecause);
    }

    /**
     * The same for the release, without a cause: that one may be suppressed onto the exception that had it first, and a
     * stack trace would show the cause as a circle.
     */
    public @Nullable CommitOutcomeUnknownException unknownOutcomeAtRelease() {
        Seldom known = seldom;
        return known == null ? null : known.unknownOutcome(null);
    }

    /** Whether any call passed the gate. */
    public boolean isUsed() {
        return calls != 0;
    }

    /** How many calls have ended; it may miss some of those that ended at the same time in several threads. */
    public int calls() {
        return calls;
    }

    /** The last thread that made a call; null if there was none. */
    public @Nullable Thread lastUser() {
        return lastUser;
    }

    /** What was sent last; null if nothing was. */
    public @Nullable String lastCall() {
        return lastCall;
    }

    /** What opened the transaction that is open now, as far as the lease has seen it. */
    public @Nullable TransactionStart transactionStart() {
        String statement = opener;
        Thread thread = openedBy;
        return statement == null || thread == null ? null : new TransactionStart(statement, thread, openedAt);
    }

    // --- the end ------------------------------------------------------------------------------------------------

    /** Sets what later calls raise instead of "released", and if it was revoked, what the calls under way learn. */
    void over(String why, boolean revoked) {
        Seldom known = seldom();
        known.overSince = why;
        if (revoked) {
            known.revoked = true;
        }
    }

    /** Why the lease is over, if it was not released. */
    @Nullable
    String overSince() {
        Seldom known = seldom;
        return known == null ? null : known.overSince;
    }

    /** Whether it was taken from its holder. */
    boolean isRevoked() {
        Seldom known = seldom;
        return known != null && known.revoked;
    }

    /** The thread that waits for the last call to end; null if none does. */
    @Nullable
    Thread drainer() {
        Seldom known = seldom;
        return known == null ? null : known.drainer;
    }

    void drainedBy(Thread thread) {
        seldom().drainer = thread;
    }

    // --- what is given out, and what is left --------------------------------------------------------------------

    /**
     * Notes that the driver's own object was given out: nobody can take it back, so the session goes with the lease.
     */
    void escape() {
        escaped = true;
    }

    /** Whether an object of the driver's was given out. */
    public boolean hasEscaped() {
        return escaped;
    }

    synchronized void change(Setting setting) {
        Seldom known = seldom();
        if (known.changed == null) {
            known.changed = EnumSet.noneOf(Setting.class);
        }
        known.changed.add(setting);
    }

    /** The settings that have to go back to their baseline. */
    public Set<Setting> changed() {
        Seldom known = seldom;
        return known == null ? Set.of() : changed(known);
    }

    private synchronized Set<Setting> changed(Seldom known) {
        return known.changed == null ? Set.of() : known.changed;
    }

    synchronized void leave(Set<Residue> left) {
        Seldom known = seldom();
        if (known.residue == null) {
            known.residue = EnumSet.noneOf(Residue.class);
        }
        known.residue.addAll(left);
    }

    /** What the statements visibly leave in the session. */
    public Set<Residue> residue() {
        Seldom known = seldom;
        return known == null ? Set.of() : residue(known);
    }

    private synchronized Set<Residue> residue(Seldom known) {
        return known.residue == null ? Set.of() : known.residue;
    }

    /** Notes what a text does to the channels that the lease listens to. */
    synchronized void listens(String sql, boolean standardStrings) {
        Seldom known = seldom();
        if (known.listening == null) {
            known.listening = new HashSet<>();
        }
        ListenScan.of(sql, standardStrings, known.listening);
    }

    /** The channels that the lease visibly listens to. */
    synchronized Set<String> listening() {
        Seldom known = seldom;
        return known == null || known.listening == null ? Set.of() : Set.copyOf(known.listening);
    }

    // --- errors -------------------------------------------------------------------------------------------------

    /**
     * Notes an error that the driver raised, or a wrapper around it. Whatever has to be asked of a foreign object is
     * asked now, in the call, and without the lock.
     *
     * @param standing where the session stands after it
     * @param inFailedTransaction whether the server reports a failed transaction now
     */
    void failed(SQLException error, ErrorStanding standing, boolean inFailedTransaction) {
        boolean refused = READ_ONLY_SQL_TRANSACTION.equals(Throwables.sqlState(error));
        Fatal over = standing == ErrorStanding.FATAL ? Fatal.of(error) : null;
        Seldom known = seldom();
        synchronized (this) {
            known.worst = known.worst.or(standing);
            known.readOnlyRefused |= refused;
            if (inFailedTransaction && known.transactionError == null) {
                known.transactionError = error;
            }
            if (over != null && known.fatal == null) {
                known.fatal = over;
            }
            if (over != null) {
                sessionOver = true;
            }
        }
    }

    /** Notes that no transaction has failed, or that none is failed any more. */
    void notInFailedTransaction() {
        Seldom known = seldom;
        if (known != null) { // else no call has failed before
            synchronized (this) {
                known.transactionError = null;
            }
        }
    }

    /** The error that failed the transaction which is open now, if it was seen. */
    synchronized @Nullable SQLException transactionError() {
        Seldom known = seldom;
        return known == null ? null : known.transactionError;
    }

    /** Whether an error has ended the session; costs a memory read. */
    public boolean isSessionOver() {
        return sessionOver;
    }

    /** The worst error so far. */
    public ErrorStanding worst() {
        if (sessionOver) {
            return ErrorStanding.FATAL;
        }
        Seldom known = seldom;
        return known == null ? ErrorStanding.NONE : worst(known);
    }

    private synchronized ErrorStanding worst(Seldom known) {
        return known.worst;
    }

    /** Whether the server has refused to write, as a standby does and an old primary after a failover. */
    public synchronized boolean readOnlyRefused() {
        Seldom known = seldom;
        return known != null && known.readOnlyRefused;
    }

    /** The first error that ended the session, if any. */
    public synchronized @Nullable Fatal fatal() {
        Seldom known = seldom;
        return known == null ? null : known.fatal;
    }
}
