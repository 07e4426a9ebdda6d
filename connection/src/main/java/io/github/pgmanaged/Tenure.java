package io.github.pgmanaged;

import io.github.pgmanaged.fence.FencedConnection;
import java.lang.ref.WeakReference;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The time that one lease spends inside the turnstile. It ends once: by a release, or because the lease is taken away.
 * It does not keep the lease alive, so that a lease which nobody refers to any more can be told.
 *
 * <p>Thread safety: safe.
 */
final class Tenure implements FencedConnection.Releaser {
    private final Custodian custodian;
    private final Thread owner = Thread.currentThread();
    private final long since;

    /** Where the lease was acquired; known only if the manager has lost one before. */
    private final @Nullable Throwable site;

    /** Set once, before another thread sees this. */
    private WeakReference<FencedConnection> lease = new WeakReference<>(null);

    // Guarded by this.
    private boolean ending;
    private @Nullable Thread endedBy;
    private boolean over;
    private @Nullable SQLException untold;

    Tenure(Custodian custodian, long since, @Nullable Throwable site) {
        this.custodian = custodian;
        this.since = since;
        this.site = site;
    }

    void of(FencedConnection begun) {
        lease = new WeakReference<>(begun);
    }

    /** The lease; null once it has been collected. */
    @Nullable
    FencedConnection lease() {
        return lease.get();
    }

    /** The thread that acquired the lease. */
    Thread owner() {
        return owner;
    }

    /** When it was acquired, by {@link System#nanoTime()}. */
    long since() {
        return since;
    }

    @Nullable
    Throwable site() {
        return site;
    }

    /**
     * Whether it is for the caller to end this. Whoever may, either ends it or gives up.
     *
     * @param loss what the holder of a lease that is taken away is told when it releases it, if a transaction was lost
     */
    synchronized boolean claim(@Nullable SQLException loss) {
        if (ending || over) {
            return false;
        }
        ending = true;
        endedBy = Thread.currentThread();
        untold = loss;
        return true;
    }

    /**
     * Whether a thread would wait for itself if it waited for the end of this. While another thread is about to end it,
     * the acquirer would not.
     */
    synchronized boolean isUpTo(Thread thread) {
        return thread == (ending ? endedBy : owner);
    }

    /** The turn has been given back, or is about to be. */
    synchronized void end() {
        over = true;
    }

    private synchronized void tellOnce() throws SQLException {
        SQLException loss = untold;
        untold = null;
        if (loss != null) {
            throw loss;
        }
    }

    /** Once. A release that broke off before it began to give the turn back can be tried again. */
    @Override
    public void release(FencedConnection released, @Nullable Throwable thrown, boolean workSeen) throws SQLException {
        if (!claim(null)) {
            // Judged now: a COMMIT that was under way when the lease was taken away may have been answered since.
            if (released.fence().opening() != null) {
                tellOnce();
            }
            return;
        }
        try {
            custodian.release(this, released, thrown, workSeen);
        } finally {
            giveUp(); // one write: there may be no stack left for more
        }
    }

    /** After {@link #end} it changes nothing. */
    private void giveUp() {
        ending = false;
    }
}
