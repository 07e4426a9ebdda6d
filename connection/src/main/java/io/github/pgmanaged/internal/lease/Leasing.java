package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.AcquireInterruptedException;
import io.github.pgmanaged.AcquireRejectedException;
import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.CommitOutcome;
import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.Holder;
import io.github.pgmanaged.InitialFailure;
import io.github.pgmanaged.NotificationListener;
import io.github.pgmanaged.Opening;
import io.github.pgmanaged.ReentrantAcquireException;
import io.github.pgmanaged.Subscription;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.Waiters;
import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Counters;
import io.github.pgmanaged.internal.Counts;
import io.github.pgmanaged.internal.EventSource;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.jfr.FlightRecording;
import io.github.pgmanaged.internal.session.NoSessionException;
import io.github.pgmanaged.internal.session.Patience;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.internal.time.Deadline;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lends the one session out, a lease at a time.
 *
 * <p>Thread safety: safe.
 */
public final class Leasing implements EventSource {
    /** For an acquisition without a timeout. */
    private static final Duration FOR_EVER = Duration.ofDays(1000);

    /** No time that a thread could have waited. */
    private static final long LENT = -1;

    private static final long BRIEFLY_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    /** More than another thread takes to close a session: a second for the driver, and one for the data source. */
    private static final long LEAVING_NANOS = TimeUnit.MILLISECONDS.toNanos(2500);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Options options;

    /** Which server is waited for, by whoever has time. */
    private final Patience usualPatience;

    private final Counters events;
    private final SessionSlot sessions;
    private final HoldingSlot slot;
    private final LeaseRevoker revoker;
    private final HolderMonitor monitor;
    private final Janitor janitor;
    private final Listening listening;
    private final Subscribing subscribing;
    private final CommitQuestion question;
    private final Pausing pausing;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Set by {@link #close()} when it stops waiting for the turn that is under way. */
    private volatile boolean abandoned;

    /** Lends by a manager's options. Nothing is connected. */
    public Leasing(Options options) {
        this.options = options;
        this.usualPatience = options.initialFailure() == InitialFailure.RETRY
                ? Patience.FOR_ANY_SERVER
                : Patience.FOR_A_KNOWN_SERVER;
        this.events = new Counters(options.traceLeases());
        FlightRecording.of(options.nameOrTarget()).ifPresent(events::add);
        this.sessions = new SessionSlot(options, events);
        this.slot = new HoldingSlot(options, sessions, events);
        this.revoker = new LeaseRevoker(slot, sessions, events, options);
        this.monitor = new HolderMonitor(slot, revoker, options);
        this.janitor = new Janitor(slot, sessions, revoker, options);
        this.listening = new Listening(slot, sessions, events, monitor, janitor, this::giveUp, options);
        this.subscribing = new Subscribing(slot, sessions, events, listening, new Entry());
        this.question = new CommitQuestion(
                slot, timeout -> acquire(timeout, true, usualPatience, true), openingTimeout(), options);
        this.pausing = new Pausing(slot, sessions, monitor, events, this::giveUp, closed::get, options);
    }

    // --- leases -------------------------------------------------------------------------------------------------

    /** Takes the lease if it is free; null if it is not. */
    public @Nullable FencedConnection tryAcquire(boolean autoCommit) throws SQLException {
        FencedConnection lease = new FencedConnection();
        Holding turn = slot.newTurn(lease);
        boolean lent = false;
        try {
            long now = System.nanoTime();
            if (!tryBegin(turn, false) && !beginAfterBriefTurns(turn)) {
                refuseIfClosed();
                refuseReentry();
                return null;
            }
            lent = lend(lease, turn, autoCommit, now, now, openingTimeout(), Patience.NONE, false);
            return lent ? lease : null;
        } finally {
            if (!lent) {
                try {
                    giveUp(turn);
                } finally {
                    turn.givenUp = true;
                }
            }
        }
    }

    /**
     * Opens the session, if it is not open, and waits for a server that comes later.
     *
     * @param timeout for everything; but zero only says to try once
     */
    public void open(Duration timeout) throws SQLException {
        if (!isOpen()) {
            acquire(timeout, true, Patience.FOR_ANY_SERVER, false).close();
        }
    }

    /**
     * Waits for the lease.
     *
     * @param timeout for everything; but zero only says not to wait for another lease
     */
    public FencedConnection acquire(Duration timeout, boolean autoCommit) throws SQLException {
        return acquire(timeout, autoCommit, usualPatience, false);
    }

    private FencedConnection acquire(Duration timeout, boolean autoCommit, Patience patience, boolean aside)
            throws SQLException {
        long begun = System.nanoTime();
        FencedConnection lease = new FencedConnection();
        long queued = acquireUnlessPaused(lease, timeout, autoCommit, patience, aside, begun, begun, 0);
        while (queued != LENT) { // a pause kept it from opening the session: it waits for its end like all others
            lease = new FencedConnection();
            queued = acquireUnlessPaused(lease, timeout, autoCommit, patience, aside, begun, System.nanoTime(), queued);
        }
        return lease;
    }

    /**
     * Waits for a turn, and gives it back if a pause keeps it from opening the session.
     *
     * @param lease not begun yet
     * @param aside whether it is a holder's unfinished business, which goes on in a pause, but not once it is drained
     * @param begun when the acquisition began
     * @param came when it began to wait for this turn
     * @param queuedBefore nanoseconds that it has waited in the queue for turns which a pause has taken from it
     * @return {@link #LENT}; or in a pause, how long it has waited in the queue so far
     */
    private long acquireUnlessPaused(
            FencedConnection lease,
            Duration timeout,
            boolean autoCommit,
            Patience patience,
            boolean aside,
            long begun,
            long came,
            long queuedBefore)
            throws SQLException {
        Holding turn = slot.newTurn(lease);
        boolean lent = false;
        try {
            long now = came;
            long queued = queuedBefore;
            if (!tryBegin(turn, aside)) {
                queued = waitForTurn(turn, timeout, begun, came, queuedBefore, aside);
                now = System.nanoTime();
            }
            if (aside) {
                refuseIfDrained(); // perhaps just before this turn
            }
            lent = timeout.isZero()
                    ? lend(lease, turn, autoCommit, now, now, openingTimeout(), Patience.NONE, aside)
                    : lend(lease, turn, autoCommit, begun, now, timeout, patience, aside);
            return lent ? LENT : queued;
        } finally {
            if (!lent) { // in vain, or broken off by an Error at any step
                try {
                    giveUp(turn);
                } finally {
                    turn.givenUp = true;
                }
            }
        }
    }

    /** A thread that comes looks once, too: one that lost its own lease would not be let into the queue. */
    private boolean tryBegin(Holding turn, boolean aside) throws ReentrantAcquireException {
        if (sessions.isOpening(Thread.currentThread())) { // though the turn may be free by now
            throw new ReentrantAcquireException(
                    "This thread is opening the session of " + options.label() + " and would wait for itself; nothing"
                            + " was changed. Acquire no lease in the data source or the onOpen hook, which is given the"
                            + " connection.",
                    null);
        }
        if (aside ? slot.tryBeginAside(turn) : slot.tryBegin(turn)) {
            return true;
        }
        revoker.recoverIfLost();
        return aside ? slot.tryBeginAside(turn) : slot.tryBegin(turn);
    }

    /**
     * Begins a turn if no lease is live: turns in which no lease begins do not count, and are over soon. Reading of
     * messages is one.
     */
    private boolean beginAfterBriefTurns(Holding turn) {
        Deadline deadline = Deadline.after(openingTimeout());
        Thread thread = Thread.currentThread();
        Holding inside = slot.current();
        while (inside == null || (inside.brief && inside.owner() != thread)) {
            if (inside != null) {
                LockSupport.parkNanos(this, BRIEFLY_NANOS);
            }
            if (slot.tryBegin(turn)) {
                return true;
            }
            if (thread.isInterrupted() || deadline.isOver() || (inside == null && slot.barredFor() != null)) {
                return false;
            }
            inside = slot.current(); // if it was free, another such turn may have begun at this moment
        }
        return false;
    }

    /** For an acquisition that does not wait for leases. */
    private Duration openingTimeout() {
        return options.acquireTimeout().isZero() ? FOR_EVER : options.acquireTimeout();
    }

    /**
     * Waits for the rest of the time that an acquisition has, which began to wait for this turn when it came.
     *
     * @return nanoseconds that it has waited in the queue, with those before
     */
    private long waitForTurn(Holding turn, Duration timeout, long begun, long came, long queuedBefore, boolean aside)
            throws SQLException {
        refuseIfClosed();
        refuseReentry();
        if ((timeout.isZero() || options.maxWaiting() == 0) && beginAfterBriefTurns(turn)) {
            return queuedBefore;
        }
        if (!turn.brief && queuedBefore == 0) {
            events.waiting();
        }
        try {
            long nanos = Deadline.nanos(timeout) - (came - begun);
            boolean begins = aside ? slot.beginAside(turn, nanos, monitor) : slot.begin(turn, nanos, monitor);
            long queued = waited(turn, came, queuedBefore, !begins);
            if (!begins) {
                throw timedOut(begun, AcquireTimeouts.waitingForTurn(options.label(), timeout, slot, sessions));
            }
            return queued;
        } catch (InterruptedException e) {
            waited(turn, came, queuedBefore, true);
            throw interrupted(e);
        } catch (Turnstile.FullException e) {
            events.rejected();
            Pause pause = slot.barredFor();
            throw new AcquireRejectedException(
                    pause == null ? options.label() : options.label() + ", which has been " + pause.describe(),
                    options.maxWaiting());
        } catch (Turnstile.ClosedException e) {
            waited(turn, came, queuedBefore, true);
            throw closedException();
        }
    }

    private long waited(Holding turn, long came, long queuedBefore, boolean inVain) {
        long nanos = Math.max(1, System.nanoTime() - came);
        if (queuedBefore != 0) {
            events.waitedAgain(nanos, queuedBefore + nanos, inVain);
        } else if (!turn.brief) {
            events.waited(nanos, inVain);
        }
        return queuedBefore + nanos;
    }

    private AcquireTimeoutException timedOut(long begun, AcquireTimeoutException e) {
        events.timedOut(System.nanoTime() - begun);
        return e;
    }

    private AcquireInterruptedException interrupted(InterruptedException e) {
        events.interrupted();
        Thread.currentThread().interrupt();
        return new AcquireInterruptedException(options.label(), e);
    }

    private void refuseReentry() throws ReentrantAcquireException {
        Holding turn = slot.current();
        Thread thread = Thread.currentThread();
        if (turn != null && turn.wouldWaitForItself(thread)) {
            events.reentered();
            throw revoker.reentry(turn);
        }
    }

    private void refuseIfClosed() throws SQLException {
        if (closed.get()) {
            throw closedException();
        }
    }

    private void refuseIfDrained() throws SQLException {
        Pause pause = slot.barredFor();
        if (pause != null && pausing.isDrained(pause)) {
            throw new SQLTransientConnectionException(
                    "The server was not asked for the outcome of the transaction: " + options.label() + " has been "
                            + pause.describe() + ", and drained, and opens no session. Call resume(), and ask again"
                            + " with outcomeOf.",
                    "08001");
        }
    }

    private SQLException closedException() {
        return new SQLNonTransientConnectionException(
                options.label() + " has been closed and gives out no more leases.", "08003");
    }

    /**
     * With the turn begun: makes sure of the session, and begins a lease.
     *
     * @param begun when the acquisition began, from which the timeout counts
     * @param patience which server is waited for
     * @return whether it has begun; not, if a pause keeps it from opening the session
     */
    private boolean lend(
            FencedConnection lease,
            Holding turn,
            boolean autoCommit,
            long begun,
            long now,
            Duration timeout,
            Patience patience,
            boolean aside)
            throws SQLException {
        refuseIfClosed();
        Session ready = ready(begun, now, timeout, patience, aside);
        if (ready == null) {
            return false;
        }
        revoker.recordSite(turn);
        turn.begin(lease, ready, autoCommit, now);
        refuseIfClosed(); // that may have taken a while, and only from now on does close() see the lease
        events.leased(begun);
        return true;
    }

    /** Ends the turn, if it has begun; unless its lease was seen, and is being taken away. */
    private void giveUp(Holding turn) {
        if (!turn.claimRelease()) {
            return;
        }
        try {
            if (abandoned) { // and close() may have looked for the session before it was there
                cutSession();
            }
        } finally {
            slot.end(turn);
        }
    }

    /** The session; null if a pause keeps it from being opened. */
    private @Nullable Session ready(long begun, long now, Duration timeout, Patience patience, boolean aside)
            throws SQLException {
        slot.resetInTurn();
        try {
            if (sessions.session() == null) { // before the opening, which may outlast this
                janitor.ensureRunning();
            }
            Session ready = sessions.ready(now, begun, Deadline.nanos(timeout), patience, aside);
            if (ready == null) {
                throw closedException();
            }
            return ready;
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (NoSessionException e) {
            if (e.isPaused()) {
                return null;
            }
            throw timedOut(begun, AcquireTimeouts.waitingForSession(options.label(), timeout, e, sessions));
        }
    }

    // --- what is not a lease ------------------------------------------------------------------------------------

    /**
     * Asks the server what became of a transaction, on a lease of its own, within {@code acquireTimeout} altogether; in
     * a pause, too, unless it is drained.
     *
     * @throws SQLException as {@link #acquire} does, and if the server cannot be asked
     */
    public CommitOutcome outcomeOf(CommitOutcomeUnknownException unknown) throws SQLException {
        return question.outcomeOf(unknown, Deadline.after(question.patience()));
    }

    /** The same, for a transaction that asks by itself. */
    public VerifiedTransaction.Question question() {
        return question;
    }

    /**
     * Begins a subscription: LISTEN is in force when this returns.
     *
     * @throws SQLException as {@link #acquire} does, and if the session cannot listen
     */
    public Subscription listen(String channel, NotificationListener listener, @Nullable Executor executor)
            throws SQLException {
        return subscribing.listen(channel, listener, executor);
    }

    /** For a subscription, whose turn begins as one with a lease. */
    private final class Entry implements Subscribing.Entry {
        @Override
        public void begin(Holding turn, long begun, long came) throws SQLException {
            if (!tryBegin(turn, false)) {
                waitForTurn(turn, options.acquireTimeout(), begun, came, 0, false);
            }
            refuseIfClosed();
        }

        @Override
        public @Nullable Session session(long begun) throws SQLException {
            Duration timeout = options.acquireTimeout();
            long now = System.nanoTime();
            return timeout.isZero()
                    ? ready(now, now, openingTimeout(), Patience.NONE, false)
                    : ready(begun, now, timeout, usualPatience, false);
        }

        @Override
        public void end(Holding turn) {
            giveUp(turn);
        }

        @Override
        public SQLException closed() {
            return closedException();
        }
    }

    // --- looking ------------------------------------------------------------------------------------------------

    @Override
    public String name() {
        return options.nameOrTarget();
    }

    @Override
    public void addListener(Events listener) {
        events.add(listener);
    }

    @Override
    public void removeListener(Events listener) {
        events.remove(listener);
    }

    /** The server's last word; never blocks. */
    public TransactionStatus status() {
        Session known = sessions.session();
        Holding turn = slot.current();
        FencedConnection live = turn == null ? null : turn.lease();
        if (known == null) {
            return TransactionStatus.CLOSED;
        }
        return live == null ? known.status() : live.fence().sessionStatus();
    }

    /** Whether there is a session, as far as is known; never blocks. */
    public boolean isOpen() {
        Session known = sessions.session();
        return known != null && !known.isClosed();
    }

    /** Who has the lease; null if nobody has. Never blocks. */
    public @Nullable Holder holder() {
        return HeldLease.of(slot.current(), revoker);
    }

    /** What stands between the next lease and its session; null if nothing does. Never blocks. */
    public @Nullable Opening opening() {
        Holding turn = slot.current();
        if (turn == null || !turn.isPreparing() || closed.get()) { // a closed manager's last turn prepares nothing
            return sessions.opening(null);
        }
        return sessions.opening(turn.owner());
    }

    /** Who waits for it; never blocks. */
    public Waiters waiters() {
        return new Waiters(slot.waiting(), Duration.ofNanos(slot.firstWaitNanos()));
    }

    /** What has happened so far; never blocks. */
    public Counts counts() {
        return events.snapshot(slot.waiting());
    }

    /** Whether nobody gets a lease at present; never blocks. */
    public boolean isPaused() {
        return slot.barredFor() != null;
    }

    // --- pauses -------------------------------------------------------------------------------------------------

    /** Nobody gets a lease any more; the holder goes on. */
    public void pause() {
        pausing.pause();
    }

    /** Leases are given out again. */
    public void resume() {
        pausing.resume();
    }

    /**
     * Pauses, waits for the holder, and closes the session; of a closed manager it only waits.
     *
     * @return whether there is no connection any more
     * @throws IllegalStateException if this thread has the lease
     */
    public boolean drain(Duration timeout) {
        revoker.recoverIfLost();
        return pausing.drain(timeout);
    }

    // --- ending -------------------------------------------------------------------------------------------------

    /**
     * Takes the live lease from its holder.
     *
     * @return whether that was done
     */
    public boolean revoke(String reason) {
        return revoker.revoke(slot.current(), reason);
    }

    /** Closes the session: at once if the lease is free, else when it is released. */
    public void reset() {
        slot.reset();
    }

    /**
     * Gives out no more leases and closes the session. The holder has {@code releaseTimeout}; then its statement is
     * cancelled, and the session cut. A session that another thread is closing is waited for, too.
     */
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        boolean done = false;
        try {
            sessions.stop();
            janitor.stop();
            closeSession();
            done = true;
            awaitLeaving();
        } finally {
            try {
                if (!done) { // broken off by an Error, and there is no second time
                    sessions.stop();
                    cutSession();
                }
            } finally {
                listening.stop();
            }
        }
    }

    private void closeSession() {
        revoker.recoverIfLost();
        Holding turn = slot.current();
        boolean mine = turn != null && turn.wouldWaitForItself(Thread.currentThread());
        if (slot.beginLast(mine ? 0 : Deadline.nanos(options.releaseTimeout()))) {
            Session last = sessions.session();
            if (last != null) {
                try {
                    sessions.detach(last, CloseReason.MANAGER_CLOSED);
                    last.giveBack();
                } catch (RuntimeException | Error e) {
                    last.cut();
                    throw e;
                }
            }
        } else {
            abandoned = true;
            Holding live = slot.current();
            if (live != null) {
                revoker.revokeForClose(live);
            }
            cutSession();
        }
    }

    /** Afterwards a data source may be closed: a pool has its connection back, unless that takes unduly long. */
    private void awaitLeaving() {
        Deadline deadline = Deadline.afterNanos(LEAVING_NANOS);
        while (sessions.isLeaving()
                && !deadline.isOver()
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    private void cutSession() {
        abandoned = true;
        Session left = sessions.session();
        if (left != null) {
            sessions.cut(left, CloseReason.MANAGER_CLOSED);
        }
    }
}
