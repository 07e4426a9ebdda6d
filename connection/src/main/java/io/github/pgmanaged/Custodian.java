package io.github.pgmanaged;

import io.github.pgmanaged.fence.FencedConnection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lends the one session out, a lease at a time.
 *
 * <p>Thread safety: safe.
 */
final class Custodian {
    private static final Duration FOR_EVER = Duration.ofDays(1000);

    private final Config config;
    private final Turnstile turnstile;
    private final Tally tally = new Tally();
    private final SessionSlot slot;
    private final Settler settler;
    private final Bailiff bailiff;
    private final HolderWatch watch;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final @Nullable Thread janitor;

    /** Of the live lease. Written by whoever is inside the turnstile. Read by anybody. */
    private volatile @Nullable Tenure tenure;

    /** Set by {@link #close()} when it stops waiting for whoever is inside. */
    private volatile boolean abandoned;

    /** Set by anybody, acted upon and cleared by whoever is inside the turnstile. */
    private volatile boolean resetRequested;

    Custodian(Config config) {
        this.config = config;
        this.turnstile = new Turnstile(config.maxWaiting());
        this.slot = new SessionSlot(config, tally);
        this.settler = new Settler(config);
        this.bailiff = new Bailiff(this, config.label(), slot, settler, tally);
        this.watch = new HolderWatch(this, bailiff, config);
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
        if (slot.isOpening(thread) || (holder != null && holder.isUpTo(thread))) {
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
            Tenure begins = new Tenure(this, ready.since(now), bailiff.site());
            FencedConnection lease = ready.lease(autoCommit, begins);
            tenure = begins;
            refuseIfClosed(); // that may have taken a while, and only from now on does close() see the lease
            tally.leased();
            return lease;
        } catch (Throwable t) {
            tenure = null;
            if (abandoned) { // and close() may have looked for the session before it was there
                slot.abort();
            }
            leave();
            throw t;
        }
    }

    private Session ready(long begun, long now, Duration timeout, boolean patient) throws SQLException {
        heedReset();
        try {
            Session ready = slot.ready(begun, now, timeout, patient);
            if (ready == null) {
                throw closedException();
            }
            return ready;
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (AcquireTimeoutException e) {
            tally.timeouts.incrementAndGet();
            throw e;
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
            slot.abort();
            throw e;
        } finally {
            end(ending);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void settle(FencedConnection released, @Nullable Throwable thrown, boolean workSeen) throws SQLException {
        Session held = slot.session();
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
            slot.forget(held);
        }
        if (outcome.report() != null) {
            if (outcome.report() instanceof OpenTransactionException) {
                tally.openTransactions.incrementAndGet();
            }
            throw outcome.report();
        }
    }

    /** The turn is over, and the next one comes in. */
    void end(Tenure ending) {
        tenure = null;
        ending.end();
        leave();
    }

    /** Of the live lease. */
    @Nullable
    Tenure tenure() {
        return tenure;
    }

    // --- what the janitor does ----------------------------------------------------------------------------------

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
        bailiff.revoke(live, maxLease);
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
            Session known = slot.session();
            long left = known == null ? limit : limit - (now - known.lastUse());
            if (left > 0) {
                return left;
            }
            slot.close();
            return limit;
        } finally {
            leave();
        }
    }

    // --- looking ------------------------------------------------------------------------------------------------

    TransactionStatus status() {
        Session known = slot.session();
        Tenure holder = tenure;
        FencedConnection live = holder == null ? null : holder.lease();
        if (known == null) {
            return TransactionStatus.CLOSED;
        }
        return live == null ? known.status() : live.fence().status();
    }

    boolean isOpen() {
        Session known = slot.session();
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
                heedReset();
            } finally {
                turnstile.leave();
            }
        }
    }

    private void heedReset() {
        if (resetRequested) {
            resetRequested = false;
            slot.reset();
        }
    }

    /** Leaves the turnstile. A reset that was asked for while somebody was inside is done now, or by the next one. */
    private void leave() {
        turnstile.leave();
        if (resetRequested) {
            resetIfFree();
        }
    }

    /** Gives out no more leases and closes the session; waits for the holder, and then cuts it off. */
    void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        slot.stop();
        LockSupport.unpark(janitor);
        Tenure holder = tenure;
        boolean mine = holder != null && holder.owner() == Thread.currentThread();
        if (turnstile.close(mine ? 0 : Config.nanos(config.releaseTimeout()))) {
            slot.close();
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
        slot.abort();
    }
}
