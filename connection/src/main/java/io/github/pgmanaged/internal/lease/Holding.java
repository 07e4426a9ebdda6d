package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.internal.LeaseEnd;
import io.github.pgmanaged.internal.Tenancy;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.time.Deadline;
import java.lang.ref.WeakReference;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One turn: a thread prepares the session, and then holds the lease. It is over when it is not the turnstile's occupant
 * any more.
 *
 * <p>The thread that wants to end it claims it first, so that two do not settle the session at once. A claim can break
 * off, by an Error in the middle; then the next thread that comes by takes it over. It refers to the lease weakly, and
 * is the reference itself, so that a lease that was lost can be seen.
 *
 * <p>Thread safety: safe.
 */
final class Holding extends WeakReference<FencedConnection> implements FencedConnection.Releaser, Tenancy {
    private static final List<LeaseEnd> ENDS_OF_RELEASES =
            List.of(LeaseEnd.RELEASED, LeaseEnd.ROLLED_BACK, LeaseEnd.FAILED);

    /** How often a thread looks whether the one that takes its lease away has done so. */
    private static final long SEIZURE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private static final AtomicReferenceFieldUpdater<Holding, @Nullable Object> CLAIM =
            AtomicReferenceFieldUpdater.newUpdater(Holding.class, Object.class, "claim");

    private final HoldingSlot slot;
    private final Thread owner = Thread.currentThread();

    /**
     * Changed through {@link #CLAIM} alone. Null while no thread ends this; the thread that releases it; or the
     * {@link Seizure}.
     */
    private volatile @Nullable Object claim;

    /** Set by the owner, once, before {@link #since}. */
    private @Nullable Session session;

    /** When the lease began; 0 before. Set by the owner, once. */
    private volatile long since;

    /** Which of {@link #ENDS_OF_RELEASES} it is, from 1 on; 0 for no release. Of the thread that ends this. */
    private byte end;

    /**
     * The owner has seen that it has the turn, and may have begun to make the session ready. A plain field: others read
     * it when the owner has given up or ended, which comes after it.
     */
    boolean begun;

    /** No lease is to begin in it, and it is over soon. */
    final boolean brief;

    /**
     * The owner could not begin a lease, or the thread that claimed the release has left it. Set by a plain write,
     * which cannot fail.
     */
    volatile boolean givenUp;

    /** The lease was taken from its holder. */
    static final class Seizure {
        final Thread by = Thread.currentThread();

        /** What the holder learns at the release, if it has lost something; null if the session was lost. */
        final @Nullable SQLException loss;

        final LeaseEnd end;

        /** Whether it has done what it does, or broken off. Set by a plain write, which cannot fail. */
        volatile boolean over;

        // Guarded by this.
        private boolean told;

        Seizure(@Nullable SQLException loss, LeaseEnd end) {
            this.loss = loss;
            this.end = end;
        }

        synchronized boolean isToBeTold() {
            boolean first = !told;
            told = true;
            return first;
        }
    }

    /**
     * A turn of the current thread.
     *
     * @param lease that is to begin in it; null for none
     */
    Holding(HoldingSlot slot, @Nullable FencedConnection lease, boolean brief) {
        super(lease);
        this.slot = slot;
        this.brief = brief;
    }

    /** The session is ready, and the lease begins. */
    void begin(FencedConnection lease, Session ready, boolean autoCommit, long now) throws SQLException {
        long begun = ready.since(now);
        session = ready;
        ready.begin(lease, autoCommit, begun, this);
        since = begun == 0 ? 1 : begun;
    }

    /** Whether the session is still being made ready. */
    boolean isPreparing() {
        return since == 0;
    }

    /** The lease; null before it has begun, and once it has been collected. */
    @Nullable
    FencedConnection lease() {
        return isPreparing() ? null : get();
    }

    /** The session of the lease; null before it has begun. */
    @Nullable
    Session session() {
        return isPreparing() ? null : session;
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
        if (isPreparing()) { // whoever has repaired it has ended no lease
            return null;
        }
        if (claim instanceof Seizure seizure) {
            return seizure.end;
        }
        return end == 0 ? null : ENDS_OF_RELEASES.get(end - 1);
    }

    /** Notes how the release has ended. By the thread that has claimed it. */
    void endsAs(LeaseEnd how) {
        end = (byte) (ENDS_OF_RELEASES.indexOf(how) + 1);
    }

    /** Whether nothing refers to the lease any more. */
    boolean isCollected() {
        return !isPreparing() && refersTo(null);
    }

    /** Whether it can be seen without its lease that there may be something to repair, or to pass on. */
    boolean showsThatItIsLost() {
        if (claim != null || isPreparing()) {
            return isBrokenOff();
        }
        Session held = session;
        return held != null && held.isClosed();
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
     * For a caller that takes the lease away, whose it is then to end this, and to say when that is over.
     *
     * @param loss what the holder learns at the release, if it has lost something; null if the session was lost
     * @return null if it is for another to end this
     */
    @Nullable
    Seizure seize(@Nullable SQLException loss, LeaseEnd how) {
        return claimed(null, new Seizure(loss, how));
    }

    private @Nullable Seizure claimed(@Nullable Object before, Seizure seizure) {
        return CLAIM.compareAndSet(this, before, seizure) ? seizure : null;
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
            return givenUp || !releasing.isAlive();
        }
        if (isPreparing()) {
            return givenUp || !owner.isAlive();
        }
        FencedConnection known = lease();
        return known != null && known.hasBeenLetGo();
    }

    /** The same, for a turn whose end has broken off. */
    @Nullable
    Seizure seizeBrokenOff(SQLException loss) {
        Object state = claim;
        return isBrokenOff() ? claimed(state, new Seizure(loss, LeaseEnd.FAILED)) : null;
    }

    // --- the lease's releaser -----------------------------------------------------------------------------------

    @Override
    public void release(FencedConnection released, @Nullable Throwable thrown, boolean workSeen) throws SQLException {
        if (claimRelease()) {
            try {
                slot.release(this, released, thrown, workSeen);
            } finally {
                givenUp = true;
            }
        } else if (claim instanceof Seizure seizure) {
            awaitEnd(seizure, released);
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

    /**
     * A lease that is released is over, and whoever looks next finds the place free: also if another thread is just
     * taking it away. Not, if that one may wait for a call of this lease.
     */
    private void awaitEnd(Seizure seizure, FencedConnection released) {
        Thread thread = Thread.currentThread();
        if (seizure.over || seizure.by == thread) {
            return;
        }
        Deadline deadline = slot.seizureDeadline();
        while (!seizure.over
                && seizure.by.isAlive()
                && !released.fence().gate().isBusy()
                && !thread.isInterrupted()
                && !deadline.isOver()) {
            LockSupport.parkNanos(this, SEIZURE_NANOS);
        }
    }

    @Override
    public void sessionLost(FencedConnection lease) {
        slot.passOnIfLost(this);
    }
}
