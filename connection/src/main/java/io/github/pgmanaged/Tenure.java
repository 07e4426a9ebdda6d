package io.github.pgmanaged;

import io.github.pgmanaged.fence.FencedConnection;
import java.lang.ref.WeakReference;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The time that one lease spends inside the turnstile. It ends once: by a release, or because the lease is taken away.
 * It does not keep the lease alive, so that a lease which nobody refers to any more can be told.
 *
 * <p>Thread safety: safe.
 */
final class Tenure implements FencedConnection.Releaser {
    private static final Object OVER = new Object();

    private final Custodian custodian;
    private final Thread owner = Thread.currentThread();
    private final long since;

    /** Where the lease was acquired; known only if the manager has lost one before. */
    private final @Nullable Throwable site;

    /** Set once, before another thread sees this. */
    private @Nullable WeakReference<FencedConnection> lease;

    /** Null while nobody ends this; the thread that releases it; the {@link Seizure}; or {@link #OVER}. */
    private final AtomicReference<@Nullable Object> end = new AtomicReference<>();

    /** The lease is taken away, or has been. */
    private static final class Seizure {
        final Thread by = Thread.currentThread();

        // Guarded by this.
        private @Nullable SQLException untold;

        Seizure(SQLException loss) {
            this.untold = loss;
        }

        synchronized void tellOnce() throws SQLException {
            SQLException loss = untold;
            untold = null;
            if (loss != null) {
                throw loss;
            }
        }
    }

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
        WeakReference<FencedConnection> known = lease;
        return known == null ? null : known.get();
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
     * Whether it is for the caller to end this, because it takes the lease away. Then it has to.
     *
     * @param loss what the holder is told when it releases the lease, if a transaction was lost
     */
    boolean seize(SQLException loss) {
        return end.compareAndSet(null, new Seizure(loss));
    }

    /**
     * Whether a thread would wait for itself if it waited for the end of this. While another thread is about to end it,
     * the acquirer would not.
     */
    boolean isUpTo(Thread thread) {
        Object state = end.get();
        return thread == (state == null ? owner : state instanceof Seizure seizure ? seizure.by : state);
    }

    /** The turn is about to be given back. */
    void end() {
        if (!(end.get() instanceof Seizure)) {
            end.set(OVER);
        }
    }

    /** Once. A release that broke off before it began to give the turn back can be tried again. */
    @Override
    public void release(FencedConnection released, @Nullable Throwable thrown, boolean workSeen) throws SQLException {
        Thread thread = Thread.currentThread();
        if (end.compareAndSet(null, thread)) {
            try {
                custodian.release(this, released, thrown, workSeen);
            } finally {
                end.compareAndSet(thread, null);
            }
        } else if (end.get() instanceof Seizure seizure && released.fence().opening() != null) {
            // Judged now: a COMMIT that was under way when the lease was taken away may have been answered since.
            seizure.tellOnce();
        }
    }
}
