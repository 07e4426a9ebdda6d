package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.internal.LeaseEnd;
import io.github.pgmanaged.internal.Tenancy;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.session.Session;
import java.lang.ref.WeakReference;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One turn: a thread prepares the session, and then holds the lease. It is over when it is not the turnstile's occupant
 * any more.
 *
 * <p>The thread that wants to end it claims it first, so that two do not settle the session at once. A claim can break
 * off, by an Error in the middle; then the next thread that comes by takes it over. It does not keep the lease alive,
 * so that a lease that was lost can be seen.
 *
 * <p>Thread safety: safe.
 */
final class Holding implements FencedConnection.Releaser, Tenancy {
    private static final AtomicReferenceFieldUpdater<Holding, @Nullable Object> CLAIM =
            AtomicReferenceFieldUpdater.newUpdater(Holding.class, Object.class, "claim");

    private final HoldingSlot slot;
    private final Thread owner = Thread.currentThread();

    /**
     * Changed through {@link #CLAIM} alone. Null while no thread ends this; the thread that releases it; or the
     * {@link Seizure}.
     */
    private volatile @Nullable Object claim;

    // Set by the owner, once.
    private volatile long since;
    private volatile @Nullable Session session;
    private volatile @Nullable Throwable site;
    private volatile @Nullable WeakReference<FencedConnection> lease;

    /** How the lease ends. Written and read by the thread that ends this; by a plain write, which cannot fail. */
    @Nullable
    LeaseEnd end;

    /**
     * The owner has seen that it has the turn, and may have begun to make the session ready. A plain field: others read
     * it when the owner has given up or ended, which comes after it.
     */
    boolean begun;

    /** No lease is to begin in it, and it is over soon. Set by the owner, before it begins. */
    boolean brief;

    /**
     * Nanoseconds that the owner has waited in the queue for it, and for those before it that a pause has taken from
     * it; 0 if it has not. Used by the owner alone.
     */
    long queued;

    /** The owner could not begin a lease. Set by a plain write, which cannot fail. */
    volatile boolean givenUp;

    /** The thread that claimed the release has left it. Set by a plain write, which cannot fail. */
    private volatile boolean releaseOver;

    /** The lease was taken from its holder. */
    private static final class Seizure {
        final Thread by = Thread.currentThread();

        /** What the holder learns at the release, if it has lost something; null if the session was lost. */
        final @Nullable SQLException loss;

        /** Set by a plain write, which cannot fail. */
        volatile boolean over;

        // Guarded by this.
        private boolean told;

        Seizure(@Nullable SQLException loss) {
            this.loss = loss;
        }

        synchronized boolean isToBeTold() {
            boolean first = !told;
            told = true;
            return first;
        }
    }

    /** A turn of the current thread. */
    Holding(HoldingSlot slot) {
        this.slot = slot;
    }

    /** The session is ready, and the lease begins. */
    FencedConnection begin(Session ready, boolean autoCommit, long now, @Nullable Throwable acquiredAt)
            throws SQLException {
        since = ready.since(now);
        session = ready;
        site = acquiredAt;
        FencedConnection begun = ready.lease(autoCommit, since, this);
        lease = new WeakReference<>(begun);
        return begun;
    }

    /** Whether the session is still being made ready. */
    boolean isPreparing() {
        return lease == null;
    }

    /** The lease; null before there is one, and once it has been collected. */
    @Nullable
    FencedConnection lease() {
        WeakReference<FencedConnection> known = lease;
        return known == null ? null : known.get();
    }

    /** The session of the lease; null before there is one. */
    @Nullable
    Session session() {
        return session;
    }

    @Override
    public Thread owner() {
        return owner;
    }

    @Override
    public long since() {
        return since;
    }

    /** One that was collected may have been used. */
    @Override
    public boolean isUsed() {
        FencedConnection known = lease();
        return known == null || known.fence().seen().isUsed();
    }

    @Override
    public @Nullable LeaseEnd end() {
        return end;
    }

    /** Where the lease was acquired, if that is recorded. */
    @Nullable
    Throwable site() {
        return site;
    }

    /** Whether nothing refers to the lease any more. */
    boolean isCollected() {
        WeakReference<FencedConnection> known = lease;
        return known != null && known.get() == null;
    }

    /** Whether a thread would wait for itself if it waited for the end of this. */
    boolean wouldWaitForItself(Thread thread) {
        Object state = claim;
        return thread == (state == null ? owner : state instanceof Seizure seizure ? seizure.by : state);
    }

    // --- claims -------------------------------------------------------------------------------------------------

    /** Whether it is for the owner to end this, because it releases the lease, or could not begin one. */
    boolean claimRelease() {
        return CLAIM.compareAndSet(this, null, Thread.currentThread());
    }

    /**
     * Whether it is for the caller to end this, because it takes the lease away.
     *
     * @param loss what the holder learns at the release, if it has lost something; null if the session was lost
     */
    boolean seize(@Nullable SQLException loss) {
        return CLAIM.compareAndSet(this, null, new Seizure(loss));
    }

    /** The seizure has done what it does, or broken off. Nothing is called here that could fail. */
    void seizureOver() {
        if (claim instanceof Seizure seizure) {
            seizure.over = true;
        }
    }

    /**
     * Whether the thread that was to end this has broken off, so that another may; asked of a turn that is not over. A
     * thread that is still at it has not.
     */
    boolean isBrokenOff() {
        Object state = claim;
        if (state instanceof Seizure seizure) {
            return seizure.over || !seizure.by.isAlive();
        }
        if (state instanceof Thread releasing) {
            return releaseOver || givenUp || !releasing.isAlive();
        }
        if (isPreparing()) {
            return givenUp || !owner.isAlive();
        }
        FencedConnection known = lease();
        return known != null && known.hasBeenLetGo();
    }

    /** Whether it is for the caller to end this, whose end has broken off. */
    boolean claimBrokenOff(SQLException loss) {
        Object state = claim;
        return isBrokenOff() && CLAIM.compareAndSet(this, state, new Seizure(loss));
    }

    // --- the lease's releaser -----------------------------------------------------------------------------------

    @Override
    public void release(FencedConnection released, @Nullable Throwable thrown, boolean workSeen) throws SQLException {
        if (claimRelease()) {
            try {
                slot.release(this, released, thrown, workSeen);
            } finally {
                releaseOver = true;
            }
        } else if (claim instanceof Seizure seizure) {
            // Judged now: a COMMIT that was under way when the lease was taken away may have been answered since.
            SQLException report = slot.reportOfPassedOn(released, seizure.loss, thrown, workSeen);
            if (seizure.isToBeTold()) {
                if (seizure.loss != null) { // else whoever passed the turn on has counted it
                    slot.countCommitUnknown(released);
                }
                if (report != null) {
                    throw report;
                }
            }
        }
    }

    @Override
    public void sessionLost(FencedConnection lease) {
        slot.passOnIfLost(this);
    }
}
