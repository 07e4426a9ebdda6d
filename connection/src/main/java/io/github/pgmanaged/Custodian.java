package io.github.pgmanaged;

import io.github.pgmanaged.fence.FencedConnection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the one session and lends it out, a lease at a time.
 *
 * <p>Thread safety: safe.
 */
final class Custodian {
    private static final Logger LOG = LoggerFactory.getLogger(ManagedConnection.class);

    /**
     * A server that has not answered a validation within this time counts as gone; or within half of what an
     * acquisition has left, so that there is time to open another session.
     */
    private static final long VALIDATION_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Even if an acquisition has less left: a good session is not to be lost to somebody's haste. */
    private static final long SHORTEST_VALIDATION_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Duration FOR_EVER = Duration.ofDays(1000);

    private final Config config;
    private final Turnstile turnstile;
    private final Opener opener;
    private final Settler settler;
    private final HolderWatch watch;
    private final Tally tally = new Tally();
    private final long validateAfterIdleNanos;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final @Nullable Thread janitor;

    /**
     * Set by whoever is inside the turnstile; cleared by it, too, or by {@link #close()} when that aborts. Read by
     * anybody.
     */
    private final AtomicReference<@Nullable Session> session = new AtomicReference<>();

    /** Of the live lease. Written by whoever is inside the turnstile. Read by anybody. */
    private volatile @Nullable Tenure tenure;

    /** Set by {@link #close()} when it stops waiting for whoever is inside. */
    private volatile boolean abandoned;

    /** Set by anybody, acted upon and cleared by whoever is inside the turnstile. */
    private volatile boolean resetRequested;

    /** Whether to remember where leases are acquired, which costs a stack trace each: only once one was lost. */
    private volatile boolean remembersSites;

    Custodian(Config config) {
        this.config = config;
        this.turnstile = new Turnstile(config.maxWaiting());
        this.opener = new Opener(config, Opener.STUCK_NANOS);
        this.settler = new Settler(config);
        this.watch = new HolderWatch(this, config);
        this.validateAfterIdleNanos = Config.nanos(config.validateAfterIdle());
        this.janitor = config.idleTimeout() == null && config.maxLease() == null ? null : Janitor.start(this);
    }

    // --- leases -------------------------------------------------------------------------------------------------

    /** Takes the lease if it is free. */
    @Nullable
    FencedConnection tryAcquire(boolean autoCommit) throws SQLException {
        long now = System.nanoTime();
        if (!tryEnter()) {
            refuseIfClosed();
            refuseReentry();
            return null;
        }
        return begin(autoCommit, now, now, timeoutOfOpening(), false);
    }

    /** Who comes looks once, too: a thread that lost its own lease would not be let into the queue. */
    private boolean tryEnter() {
        if (turnstile.tryEnter()) {
            return true;
        }
        watch.recoverIfCollected();
        return turnstile.tryEnter();
    }

    /** Waits for the lease. The timeout is for everything; but zero only says not to wait for another lease. */
    FencedConnection acquire(Duration timeout, boolean autoCommit) throws SQLException {
        long begun = System.nanoTime();
        long now = begun;
        if (!tryEnter()) {
            waitForTurn(timeout);
            now = System.nanoTime();
        }
        return timeout.isZero()
                ? begin(autoCommit, begun, now, timeoutOfOpening(), false)
                : begin(autoCommit, begun, now, timeout, true);
    }

    /** For who does not wait for leases. */
    private Duration timeoutOfOpening() {
        return config.acquireTimeout().isZero() ? FOR_EVER : config.acquireTimeout();
    }

    private void waitForTurn(Duration timeout) throws SQLException {
        refuseIfClosed();
        refuseReentry();
        try {
            if (!turnstile.enter(Config.nanos(timeout), watch)) {
                tally.timeouts.incrementAndGet();
                Tenure holder = tenure;
                throw new AcquireTimeoutException(
                        config.label(),
                        timeout,
                        turnstile.waiting(),
                        holder == null ? null : holder.owner(),
                        holder == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - holder.since()));
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (Turnstile.FullException e) {
            tally.rejections.incrementAndGet();
            throw new AcquireRejectedException(config.label(), config.maxWaiting());
        } catch (Turnstile.ClosedException e) {
            throw closedException();
        }
    }

    private AcquireInterruptedException interrupted(InterruptedException e) {
        tally.interrupts.incrementAndGet();
        Thread.currentThread().interrupt();
        return new AcquireInterruptedException(config.label(), e);
    }

    private void refuseReentry() throws ReentrantAcquireException {
        Tenure holder = tenure;
        Thread thread = Thread.currentThread();
        if (opener.isOpening(thread) || (holder != null && holder.isUpTo(thread))) {
            throw new ReentrantAcquireException(config.label());
        }
    }

    private void refuseIfClosed() throws SQLException {
        if (closed.get()) {
            throw closedException();
        }
    }

    private SQLException closedException() {
        return new SQLNonTransientConnectionException(
                config.label() + " has been closed and gives out no more leases.", "08003");
    }

    /** Inside the turnstile: makes sure of the session and begins a lease, or leaves. */
    private FencedConnection begin(boolean autoCommit, long begun, long now, Duration timeout, boolean patient)
            throws SQLException {
        try {
            refuseIfClosed();
            Session ready = ready(begun, now, timeout, patient);
            refuseIfClosed(); // that may have taken a while
            Tenure begins = new Tenure(this, ready.since(now), remembersSites ? new Throwable("acquired here") : null);
            FencedConnection lease = ready.lease(autoCommit, begins);
            tally.leased();
            tenure = begins;
            if (abandoned) { // close() gave up on us before it could see the lease or its session
                abortHolder();
                throw closedException();
            }
            return lease;
        } catch (Throwable t) {
            tenure = null;
            if (abandoned) {
                abortSession();
            }
            leave();
            throw t;
        }
    }

    private Session ready(long begun, long now, Duration timeout, boolean patient) throws SQLException {
        Session known = session.get();
        if (known != null) {
            boolean over = resetRequested || known.isOver(now);
            if (!over && isSound(known, now, begun + Config.nanos(timeout) - now)) {
                return known;
            }
            if (over) {
                resetRequested = false;
                known.close();
            } else {
                known.abort();
            }
            forget(known);
        }
        Session opened;
        try {
            opened = opener.open(begun, timeout, patient);
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (AcquireTimeoutException e) {
            tally.timeouts.incrementAndGet();
            throw e;
        }
        if (opened == null) {
            throw closedException();
        }
        tally.opened.incrementAndGet();
        session.set(opened);
        return opened;
    }

    /** A driver that breaks off over the question is no better than one that says no. */
    private boolean isSound(Session known, long now, long patience) {
        try {
            long bound = Math.max(SHORTEST_VALIDATION_NANOS, Math.min(VALIDATION_NANOS, patience / 2));
            return known.isSound(now, validateAfterIdleNanos, bound);
        } catch (SQLException | RuntimeException e) {
            return false;
        }
    }

    /** Takes a lease back: settles the session and lets the next one in, whatever happens. */
    void release(Tenure ending, FencedConnection released, @Nullable Throwable thrown, boolean workSeen)
            throws SQLException {
        // Kept for later: a release has to finish what it began, and an interrupted virtual thread cannot read.
        boolean interrupted = Thread.interrupted();
        try {
            settle(released, thrown, workSeen);
        } catch (RuntimeException | Error e) {
            abortSession();
            throw e;
        } finally {
            end(ending);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void settle(FencedConnection released, @Nullable Throwable thrown, boolean workSeen) throws SQLException {
        Session held = session.get();
        if (held == null) { // close() has aborted it
            if (released.fence().opening() != null) {
                throw new SQLNonTransientConnectionException(
                        config.label() + " was closed while the lease was held, and the transaction open on it is"
                                + " rolled back by the server.",
                        "08003");
            }
            return;
        }
        Settler.Outcome outcome = settler.settle(held, released, thrown, workSeen);
        if (outcome.rolledBack()) {
            tally.rollbacks.incrementAndGet();
        }
        if (!outcome.kept()) {
            forget(held);
        }
        if (outcome.report() != null) {
            if (outcome.report() instanceof OpenTransactionException) {
                tally.openTransactions.incrementAndGet();
            }
            throw outcome.report();
        }
    }

    private void end(Tenure ending) {
        tenure = null;
        ending.end();
        leave();
    }

    // --- leases that nobody gives back --------------------------------------------------------------------------

    @Nullable
    Tenure tenure() {
        return tenure;
    }

    /** Takes back a lease that nobody will release. */
    void recover(Tenure lost, String why) {
        String message = "A lease of " + config.label() + " was never released: " + why + ". Thread \""
                + lost.owner().getName() + "\" acquired it "
                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lost.since())
                + " ms ago. Its session is closed, what was not committed is rolled back by the server, and the next"
                + " lease opens a new session. Close leases in try-with-resources, or use withConnection.";
        if (!takeAway(lost, message)) {
            return;
        }
        try {
            tally.abandoned.incrementAndGet();
            LOG.error(
                    "{}{}",
                    message,
                    lost.site() == null ? " Where leases are acquired is remembered from now on." : "",
                    lost.site());
            remembersSites = true;
        } finally {
            abortSession();
            end(lost);
        }
    }

    /** Takes a lease away from whoever has held it for longer than {@code maxLease}. */
    private void revoke(Tenure overdue, Duration maxLease) {
        String message = "The lease of " + config.label() + " was revoked, since thread \""
                + overdue.owner().getName() + "\" had held it for longer than the maxLease of "
                + maxLease.toMillis()
                + " ms: its session is closed, what was not committed is rolled back by the server,"
                + " and the next lease opens a new session. Hold leases for less time, or raise maxLease.";
        if (!takeAway(overdue, message)) {
            return;
        }
        try {
            tally.revoked.incrementAndGet();
            LOG.error("{}", message);
            Session held = session.get();
            if (held != null) {
                settler.cancel(held);
            }
        } finally {
            abortSession();
            end(overdue);
        }
    }

    /**
     * Makes the lease's handles dead, so that they say why, and its holder is told at the release if it lost something.
     *
     * @return whether it is for the caller to go on; not, if the lease is being released
     */
    private static boolean takeAway(Tenure tenure, String why) {
        if (!tenure.claim(new LeaseReleasedException(why, null))) {
            return false;
        }
        FencedConnection lease = tenure.lease();
        if (lease != null) {
            lease.fence().revoke(why);
            lease.fence().shut();
        }
        return true;
    }

    /**
     * For the janitor: closes what has been idle for too long, revokes what is held for too long.
     *
     * @return nanoseconds until something can be due again; 0 for never
     */
    long tidy(long now) {
        if (closed.get()) {
            return 0;
        }
        return Math.min(tidyLease(now, config.maxLease()), tidySession(now, config.idleTimeout()));
    }

    private long tidyLease(long now, @Nullable Duration maxLease) {
        if (maxLease == null) {
            return Long.MAX_VALUE;
        }
        Tenure live = tenure;
        long left = Config.nanos(maxLease) - (live == null ? 0 : now - live.since());
        if (live == null || left > 0) {
            return left;
        }
        revoke(live, maxLease);
        return Config.nanos(maxLease);
    }

    private long tidySession(long now, @Nullable Duration idleTimeout) {
        if (idleTimeout == null) {
            return Long.MAX_VALUE;
        }
        long limit = Config.nanos(idleTimeout);
        if (!turnstile.tryEnter()) {
            return limit;
        }
        try {
            Session known = session.get();
            long left = known == null ? limit : limit - (now - known.lastUse());
            if (left > 0) {
                return left;
            }
            closeSession();
            return limit;
        } finally {
            leave();
        }
    }

    // --- the session --------------------------------------------------------------------------------------------

    /** Leaves the turnstile. A reset that was asked for while somebody was inside is done now, or by the next one. */
    private void leave() {
        turnstile.leave();
        if (resetRequested) {
            resetIfFree();
        }
    }

    /** The session is closed; it is counted once, whoever comes first to say so. */
    private void forget(Session old) {
        if (session.compareAndSet(old, null)) {
            tally.closed.incrementAndGet();
        }
    }

    private void closeSession() {
        Session known = session.get();
        if (known != null) {
            known.close();
            forget(known);
        }
    }

    private void abortSession() {
        Session known = session.get();
        if (known != null) {
            forget(known);
            known.abort();
        }
    }

    // --- looking ------------------------------------------------------------------------------------------------

    TransactionStatus status() {
        Session known = session.get();
        Tenure holder = tenure;
        FencedConnection live = holder == null ? null : holder.lease();
        if (known == null) {
            return TransactionStatus.CLOSED;
        }
        return live == null ? known.status() : live.fence().status();
    }

    boolean isOpen() {
        Session known = session.get();
        return known != null && !known.isClosed();
    }

    Stats stats() {
        return tally.stats(turnstile.waiting());
    }

    // --- ending -------------------------------------------------------------------------------------------------

    /** Closes the session: at once if nobody holds the lease, else when it is released. */
    void reset() {
        resetRequested = true;
        resetIfFree();
    }

    private void resetIfFree() {
        while (resetRequested && turnstile.tryEnter()) {
            try {
                resetRequested = false;
                opener.discard();
                closeSession();
            } finally {
                turnstile.leave();
            }
        }
    }

    /** Gives out no more leases and closes the session; waits for the holder, and then cuts it off. */
    void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        opener.stop();
        LockSupport.unpark(janitor);
        Tenure holder = tenure;
        boolean mine = holder != null && holder.owner() == Thread.currentThread();
        if (turnstile.close(mine ? 0 : Config.nanos(config.releaseTimeout()))) {
            closeSession();
        } else {
            abandoned = true;
            abortHolder();
        }
    }

    private void abortHolder() {
        Tenure holder = tenure;
        if (holder != null) {
            FencedConnection lease = holder.lease();
            if (lease != null) {
                lease.fence().shut();
            }
        }
        abortSession();
    }
}
