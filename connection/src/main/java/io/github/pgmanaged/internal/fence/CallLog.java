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
 * What one lease remembers of its calls.
 *
 * <p>Thread safety: the plain fields are written inside the gate; the thread that has shut and drained it sees all of
 * it. Others may look on, and need not see the very latest.
 */
public final class CallLog {
    /** That of a lease without a call. Never written to. */
    static final CallLog OF_NO_CALL = new CallLog();

    private static final String READ_ONLY_SQL_TRANSACTION = "25006";

    private int calls;
    private @Nullable Thread lastUser;
    private @Nullable String lastCall;
    private @Nullable TransactionStart transactionStart;
    private boolean answered;

    /** Something is said to the server, whose end is to be noted. */
    private boolean saying;

    private volatile long lastSaid;
    private volatile boolean escaped;
    private volatile boolean sessionOver;

    /** Makes what is raised when the outcome of a COMMIT is unknown: each time anew, since one may be suppressed. */
    private volatile @Nullable Function<@Nullable SQLException, CommitOutcomeUnknownException> unknownOutcome;

    /** Its cause. Set before. */
    private @Nullable SQLException unknownBecause;

    // Guarded by this. Only errors, changed settings and what is left behind take the lock.
    private @Nullable SQLException transactionError;
    private ErrorStanding worst = ErrorStanding.NONE;
    private @Nullable Fatal fatal;
    private boolean readOnlyRefused;
    private @Nullable Set<Setting> changed;
    private @Nullable Set<Residue> residue;
    private @Nullable Set<String> listening;

    /** An error that ended the session, and what it says, so that it need not be asked again. */
    public record Fatal(
            SQLException error, String message, @Nullable String sqlState) {
        /** Asks an error. */
        public static Fatal of(SQLException error) {
            return new Fatal(error, Throwables.message(error), Throwables.sqlState(error));
        }
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
        if (saying || idle == (transactionStart != null)) {
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
            transactionStart = null;
        } else if (transactionStart == null) {
            transactionStart = new TransactionStart(call == null ? "?" : call, Thread.currentThread(), now);
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
        if (unknownOutcome == null) {
            unknownBecause = cause;
            unknownOutcome = outcome;
        }
    }

    /** Whether the answer to a COMMIT was lost. */
    public boolean isCommitUnknown() {
        return unknownOutcome != null;
    }

    /** What says that the answer to a COMMIT was lost, made anew; null if none was. */
    public @Nullable CommitOutcomeUnknownException unknownOutcome() {
        var outcome = unknownOutcome;
        return outcome == null ? null : outcome.apply(unknownBecause);
    }

    /**
     * The same for the release, without a cause: that one may be suppressed onto the exception that had it first, and a
     * stack trace would show the cause as a circle.
     */
    public @Nullable CommitOutcomeUnknownException unknownOutcomeAtRelease() {
        var outcome = unknownOutcome;
        return outcome == null ? null : outcome.apply(null);
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
        return transactionStart;
    }

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
        if (changed == null) {
            changed = EnumSet.noneOf(Setting.class);
        }
        changed.add(setting);
    }

    /** The settings that have to go back to their baseline. */
    public synchronized Set<Setting> changed() {
        return changed == null ? Set.of() : changed;
    }

    synchronized void leave(Set<Residue> left) {
        if (residue == null) {
            residue = EnumSet.noneOf(Residue.class);
        }
        residue.addAll(left);
    }

    /** What the statements visibly leave in the session. */
    public synchronized Set<Residue> residue() {
        return residue == null ? Set.of() : residue;
    }

    /** Notes what a text does to the channels that the lease listens to. */
    synchronized void listens(String sql, boolean standardStrings) {
        if (listening == null) {
            listening = new HashSet<>();
        }
        ListenScan.of(sql, standardStrings, listening);
    }

    /** The channels that the lease visibly listens to. */
    synchronized Set<String> listening() {
        return listening == null ? Set.of() : Set.copyOf(listening);
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
        synchronized (this) {
            worst = worst.or(standing);
            readOnlyRefused |= refused;
            if (inFailedTransaction && transactionError == null) {
                transactionError = error;
            }
            if (over != null) {
                over(over);
            }
        }
    }

    /** Notes that no transaction has failed, or that none is failed any more. */
    void notInFailedTransaction() {
        if (worst != ErrorStanding.NONE) { // a plain read: only a call that has failed before has something to forget
            synchronized (this) {
                transactionError = null;
            }
        }
    }

    /** The error that failed the transaction which is open now, if it was seen. */
    synchronized @Nullable SQLException transactionError() {
        return transactionError;
    }

    private void over(Fatal error) {
        if (fatal == null) {
            fatal = error;
        }
        sessionOver = true;
    }

    /** Whether an error has ended the session; costs a memory read. */
    public boolean isSessionOver() {
        return sessionOver;
    }

    /** The worst error so far. */
    public synchronized ErrorStanding worst() {
        return worst;
    }

    /** Whether the server has refused to write, as a standby does and an old primary after a failover. */
    public synchronized boolean readOnlyRefused() {
        return readOnlyRefused;
    }

    /** The first error that ended the session, if any. */
    public synchronized @Nullable Fatal fatal() {
        return fatal;
    }
}
