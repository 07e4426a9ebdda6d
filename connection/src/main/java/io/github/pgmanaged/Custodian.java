package io.github.pgmanaged;

import io.github.pgmanaged.fence.FencedConnection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the one session and lends it out, a lease at a time.
 *
 * <p>Thread safety: safe.
 */
final class Custodian {
    /** A server that has not answered a validation within this time counts as gone. */
    private static final long VALIDATION_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Config config;
    private final Turnstile turnstile;
    private final Settler settler;
    private final Tally tally = new Tally();
    private final FencedConnection.Releaser releaser = this::release;
    private final long validateAfterIdleNanos;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Set by whoever is inside the turnstile; cleared by it, too, or by {@link #close()} when that aborts. Read by
     * anybody.
     */
    private final AtomicReference<@Nullable Session> session = new AtomicReference<>();

    /** The live lease. Written by whoever is inside the turnstile. Read by anybody. */
    private volatile @Nullable FencedConnection lease;

    /** Who opens a session now, on the way to a lease: the data source and the hook run other people's code. */
    private volatile @Nullable Thread opener;

    /** Set by {@link #close()} when it stops waiting for whoever is inside. */
    private volatile boolean abandoned;

    /** Set by anybody, acted upon and cleared by whoever is inside the turnstile. */
    private volatile boolean resetRequested;

    Custodian(Config config) {
        this.config = config;
        this.turnstile = new Turnstile(config.maxWaiting());
        this.settler = new Settler(config.label(), config.databaseErrors(), config.releaseTimeout());
        this.validateAfterIdleNanos = Config.nanos(config.validateAfterIdle());
    }

    // --- leases -------------------------------------------------------------------------------------------------

    /** Takes the lease if it is free. */
    @Nullable
    FencedConnection tryAcquire(boolean autoCommit) throws SQLException {
        if (!turnstile.tryEnter()) {
            refuseIfClosed();
            refuseReentry();
            return null;
        }
        return begin(autoCommit, config.acquireTimeout());
    }

    /** Waits for the lease. */
    FencedConnection acquire(Duration timeout, boolean autoCommit) throws SQLException {
        if (!turnstile.tryEnter()) {
            waitForTurn(timeout);
        }
        return begin(autoCommit, timeout);
    }

    private void waitForTurn(Duration timeout) throws SQLException {
        refuseIfClosed();
        refuseReentry();
        try {
            if (!turnstile.enter(Config.nanos(timeout))) {
                tally.timeouts.incrementAndGet();
                FencedConnection holder = lease;
                throw new AcquireTimeoutException(
                        config.label(),
                        timeout,
                        turnstile.waiting(),
                        holder == null ? null : holder.owner(),
                        holder == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - holder.acquiredAt()));
            }
        } catch (InterruptedException e) {
            tally.interrupts.incrementAndGet();
            Thread.currentThread().interrupt();
            throw new AcquireInterruptedException(config.label(), e);
        } catch (Turnstile.FullException e) {
            tally.rejections.incrementAndGet();
            throw new AcquireRejectedException(config.label(), config.maxWaiting());
        } catch (Turnstile.ClosedException e) {
            throw closedException();
        }
    }

    private void refuseReentry() throws ReentrantAcquireException {
        FencedConnection holder = lease;
        Thread thread = Thread.currentThread();
        if (opener == thread || (holder != null && holder.owner() == thread)) {
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
    private FencedConnection begin(boolean autoCommit, Duration timeout) throws SQLException {
        try {
            refuseIfClosed();
            long now = System.nanoTime();
            Session ready = ready(now, timeout);
            FencedConnection begun = ready.lease(autoCommit, now, releaser);
            tally.leased();
            lease = begun;
            if (abandoned) { // close() gave up on us before it could see the lease or its session
                abortHolder();
                throw closedException();
            }
            return begun;
        } catch (Throwable t) {
            if (abandoned) {
                abortSession();
            }
            leave();
            throw t;
        }
    }

    private Session ready(long now, Duration timeout) throws SQLException {
        Session known = session.get();
        if (known != null) {
            long patience = Math.min(VALIDATION_NANOS, Math.max(1, Config.nanos(timeout)));
            if (!resetRequested && isSound(known, now, patience)) {
                return known;
            }
            if (resetRequested) {
                resetRequested = false;
                known.close();
            } else {
                known.abort();
            }
            forget(known);
        }
        opener = Thread.currentThread();
        Session opened;
        try {
            opened = Session.open(config.label(), config.source(), config.onOpen());
        } finally {
            opener = null;
        }
        tally.opened.incrementAndGet();
        session.set(opened);
        return opened;
    }

    /** A driver that breaks off over the question is no better than one that says no. */
    private boolean isSound(Session known, long now, long patience) {
        try {
            return known.isSound(now, validateAfterIdleNanos, patience);
        } catch (SQLException | RuntimeException e) {
            return false;
        }
    }

    /** Takes a lease back: settles the session and lets the next one in, whatever happens. */
    private void release(FencedConnection released, @Nullable Throwable thrown, boolean workSeen) throws SQLException {
        try {
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
        } catch (RuntimeException | Error e) {
            abortSession();
            throw e;
        } finally {
            lease = null;
            released.left();
            leave();
        }
    }

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
        FencedConnection live = lease;
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
        FencedConnection holder = lease;
        boolean mine = holder != null && holder.owner() == Thread.currentThread();
        if (turnstile.close(mine ? 0 : Config.nanos(config.releaseTimeout()))) {
            closeSession();
        } else {
            abandoned = true;
            abortHolder();
        }
    }

    private void abortHolder() {
        FencedConnection holder = lease;
        if (holder != null) {
            holder.fence().shut();
        }
        abortSession();
    }
}
