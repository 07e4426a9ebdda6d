package io.github.pgmanaged.junit.internal;

import io.github.pgmanaged.Holder;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Tenancy;
import java.sql.SQLException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches one manager, by its events. Each is told on the thread that it is about.
 *
 * <p>Thread safety: safe.
 */
final class ManagerWatch implements Events {
    /** Who gave up sooner has tried, and not waited. */
    private static final long SHORTEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Another thread's lease that makes no call for so long, at the end of a test, is not going to be released. */
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** And one that goes on making calls for so long, neither. */
    private static final long LONGEST_SETTLING_NANOS = TimeUnit.SECONDS.toNanos(30);

    final ManagedConnection manager;

    /** Whether it is closed between the classes: an application's own is not. */
    final boolean isOurs;

    private final Detector detector;

    /** Those given out and not over; more than one only for the moment in which the turn passes on. */
    private final Queue<Leased> live = new ConcurrentLinkedQueue<>();

    private final Map<Thread, Waiting> waiting = new ConcurrentHashMap<>();

    /** Those that got nothing, until it is known why. */
    private final Map<Thread, Waiting> inVain = new ConcurrentHashMap<>();

    /** The one that was given out last. Written inside the turn. */
    private volatile @Nullable Leased last;

    // What the watching thread alone uses.
    private @Nullable Leased seenWaiting;
    private long seenWaitingSince;

    ManagerWatch(ManagedConnection manager, boolean isOurs, Detector detector) {
        this.manager = manager;
        this.isOurs = isOurs;
        this.detector = detector;
    }

    private @Nullable Sight holder() {
        Holder holder = manager.holder().orElse(null);
        return holder == null ? null : Sight.of(holder, last);
    }

    // --- leases -------------------------------------------------------------------------------------------------

    @Override
    public void leased(long begun) {
        Leased lease = new Leased(detector.scope());
        live.add(lease);
        last = lease;
    }

    @Override
    public void reentered() {
        detector.found(Findings.secondInThread(holder(), Stacks.here()));
    }

    @Override
    public void released(@Nullable SQLException report) {
        if (report instanceof OpenTransactionException open) {
            detector.found(Findings.openTransaction(open, last, Stacks.here()));
        }
    }

    @Override
    public void abandoned(Tenancy lost) {
        Leased lease = of(lost);
        if (lease != null) {
            detector.found(lease.scope, Findings.neverClosed(lease, null));
        }
    }

    @Override
    public void ended(Tenancy over) {
        Leased lease = of(over);
        if (lease != null) {
            live.remove(lease);
            lease.over.countDown();
        }
    }

    /** The leases of a thread end in the order in which they began. */
    private @Nullable Leased of(Tenancy lease) {
        for (Leased known : live) {
            if (known.thread == lease.owner()) {
                return known;
            }
        }
        return null;
    }

    // --- the end of a test --------------------------------------------------------------------------------------

    /** Takes away what was acquired in a test and is not going to be released. */
    void settle(Scope test) {
        for (Leased lease : live) {
            if (lease.scope == test) {
                settle(lease, test);
            }
        }
    }

    private void settle(Leased lease, Scope test) {
        long patience = lease.thread == Thread.currentThread() ? 0 : SETTLED_NANOS;
        long begun = System.nanoTime();
        while (!lease.isOver()) {
            boolean overdue = System.nanoTime() - begun > LONGEST_SETTLING_NANOS;
            Holder holder = manager.holder().orElse(null);
            if (holder != null
                    && holder.thread() == lease.thread
                    && !lease.isOver() // and so the holder is that of this lease
                    && (overdue || holder.idleFor().toNanos() >= patience)) {
                Finding finding = Findings.neverClosed(lease, Sight.of(holder, lease));
                if (holder.revoke(test.name + " has ended, and had never closed it")) {
                    detector.found(test, finding);
                    return;
                }
            } else if (overdue) {
                return;
            }
            try {
                if (lease.over.await(20, TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    // --- waiting ------------------------------------------------------------------------------------------------

    @Override
    public void waiting() {
        waiting.put(Thread.currentThread(), new Waiting());
        detector.watchWaiting();
    }

    @Override
    public void waited(long nanos, boolean vainly) {
        Waiting over = waiting.remove(Thread.currentThread());
        if (over == null) {
            return;
        }
        Sight holder = over.suspicious;
        if (holder != null) {
            found(holder, Findings.holderWaits(over, nanos, vainly, holder));
        } else if (vainly) {
            inVain.put(over.thread, over);
        }
    }

    @Override
    public void rejected() {
        waiting.remove(Thread.currentThread());
    }

    @Override
    public void interrupted() {
        inVain.remove(Thread.currentThread());
    }

    @Override
    public void timedOut(long nanos) {
        Waiting over = inVain.remove(Thread.currentThread());
        Sight holder = over == null ? null : holder();
        if (over == null || holder == null || nanos < SHORTEST_WAIT_NANOS) {
            return;
        }
        if (holder.waits() && holder.idleNanos() >= nanos) {
            found(holder, Findings.holderWaits(over, nanos, true, holder));
        } else if (nanos >= detector.blockedForNanos()) {
            found(holder, Findings.tooLong(over, nanos, holder));
        }
    }

    /** The waiting thread may be anybody's; the holder's test will do as well. */
    private void found(Sight holder, Finding finding) {
        Scope own = detector.scope();
        Leased lease = holder.lease();
        detector.found(own == null || !own.isTest ? (lease == null ? own : lease.scope) : own, finding);
    }

    boolean anyWaits() {
        return !waiting.isEmpty();
    }

    /**
     * What the watching thread does over and over, while threads wait: is the holder waiting, too, and for how long?
     */
    void look(long bound) {
        waiting.keySet().removeIf(thread -> !thread.isAlive());
        Sight holder = waiting.isEmpty() ? null : holder();
        Leased lease = holder == null || !holder.waits() ? null : holder.lease();
        long now = System.nanoTime();
        if (lease == null || lease != seenWaiting) {
            seenWaiting = lease;
            seenWaitingSince = now;
            return;
        }
        if (now - seenWaitingSince < bound || holder == null || holder.idleNanos() < bound) {
            return;
        }
        for (Waiting other : waiting.values()) {
            if (now - other.since >= bound) {
                other.suspicious = holder;
            }
        }
    }
}
