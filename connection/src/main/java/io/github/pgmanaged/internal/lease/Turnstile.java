package io.github.pgmanaged.internal.lease;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets one through at a time.
 *
 * <p>Waiting threads are served in the order of coming. A thread that comes while it is free goes through at once,
 * before those that are only just being woken: that keeps the session busy, and most turns cost no wake-up. But who
 * leaves while the first in the queue has waited for longer than {@link #PATIENCE_NANOS}, or for less if more than
 * {@link #FEW} wait, passes the turn on to that one and to nobody else. So none starves: of a thread that came with n
 * others before it, and has waited for that long, at most n + 1 turns end until its own: the one under way, or one that
 * began before the first in the queue was awake, and those of the others.
 *
 * <p>The first in the queue looks around now and then, since only waiting threads care whether the one inside will ever
 * come out. (That is why the queue is our own: a synchronizer of the JDK's parks for the whole of the time.)
 *
 * <p>Invariants: the turn belongs to the occupant, and is over when it is not the occupant any more; that is one atomic
 * step, so that it ends exactly once, whatever is thrown, and whoever ends it. A waiter is passed a turn once at most,
 * since it has one object that stands for it. One that gives up says so before it looks whether it has its turn, and
 * who passes it on looks whether it gave up after that: so one of the two ends such a turn. Whenever there is no
 * occupant, the first in the queue is awake or being woken, or dozes for a moment: a thread that leaves wakes it, and a
 * waiter that gives up wakes the one behind it. (A thread that breaks off between these two steps delays the first in
 * the queue until it looks the next time.)
 *
 * <p>It can be barred: then whoever is inside stays, and nobody else gets in but who comes aside. The bar stands in the
 * occupant's place and has the occupant in it, so that to bar it is one atomic step, too, and those who come while it
 * is free have nothing more to look at.
 *
 * <p>Thread safety: safe. Any thread may leave for another, whose turn it has seen as the occupant.
 *
 * @param <T> what stands for a turn; compared by identity, and never used for another turn
 */
final class Turnstile<T> {
    /** Long beside a short lease, short beside what a person notices. */
    static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * Where more wait, a wake-up for each turn is what most turns take anyway, and who is passed meanwhile waits the
     * longer for it. But for turns that are shorter than a wake-up, which so many wait for in less time than this.
     */
    static final int FEW = 16;

    static final long PATIENCE_AMONG_MANY_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    /**
     * A thread that becomes the first in the queue is not woken for that, since a wake-up costs more than most turns.
     * So each waiter looks where it stands now and then: about once a second, but all together not more than a thousand
     * times a second.
     */
    private static final long STOCKTAKING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long STOCKTAKING_NANOS_PER_WAITER = TimeUnit.MILLISECONDS.toNanos(1);

    /**
     * A thread that leaves and is back at once, over and over, would wake the first in the queue in vain each time. So
     * that one is not woken by it again for a while, which doubles each time. If that thread stays away then, the
     * turnstile is free with somebody waiting until the while is over.
     */
    private static final long SHORTEST_DOZE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    static final long LONGEST_DOZE_NANOS = 8 * SHORTEST_DOZE_NANOS;

    /** The occupant, or the {@link Bar} with the occupant in it; null while nobody is inside and anybody may come. */
    private final AtomicReference<@Nullable Object> place = new AtomicReference<>();

    private final Queue<Waiter<T>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final int maxWaiting;
    private final long patienceNanos;

    /** Never reset. */
    private volatile boolean closed;

    /** What the first in the queue does while it waits. */
    @FunctionalInterface
    interface Lookout {
        /**
         * Looks.
         *
         * @param nanoTime now
         * @return nanoseconds until it wants to look again
         */
        long look(long nanoTime);
    }

    /** The turnstile was closed while the thread waited. */
    static final class ClosedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ClosedException() {
            super("closed", null, false, false);
        }
    }

    /** The queue was full. */
    static final class FullException extends Exception {
        private static final long serialVersionUID = 1L;

        FullException() {
            super("full", null, false, false);
        }
    }

    Turnstile(int maxWaiting) {
        this(maxWaiting, PATIENCE_NANOS);
    }

    /** With less than no patience, no thread passes one that waits. */
    Turnstile(int maxWaiting, long patienceNanos) {
        this.maxWaiting = maxWaiting;
        this.patienceNanos = patienceNanos;
    }

    /** Enters if that takes no waiting. */
    boolean tryEnter(T turn) {
        return place.compareAndSet(null, turn);
    }

    /** Enters if that takes no waiting, and if it is barred, too. */
    boolean tryEnterAside(T turn) {
        return tryEnter(turn) || enterBarred(turn);
    }

    private boolean enterBarred(T turn) {
        Bar<T> bar = barOf(place.get());
        return bar != null && bar.inside == null && place.compareAndSet(bar, bar.with(turn));
    }

    /** Whose turn it is. */
    @Nullable
    T occupant() {
        return insideOf(place.get());
    }

    @SuppressWarnings("unchecked") // whatever stands there is one of the two
    private @Nullable T insideOf(@Nullable Object standing) {
        return standing instanceof Bar<?> ? ((Bar<T>) standing).inside : (T) standing;
    }

    @SuppressWarnings("unchecked")
    private @Nullable Bar<T> barOf(@Nullable Object standing) {
        return standing instanceof Bar<?> ? (Bar<T>) standing : null;
    }

    /**
     * Lets nobody in from now on but who comes aside. Whoever is inside stays.
     *
     * @return whether this has barred it; not, if it was barred already, or is closed
     */
    boolean bar(Pause pause) {
        while (!closed) {
            Object standing = place.get();
            if (barOf(standing) != null) {
                return false;
            }
            if (place.compareAndSet(standing, Bar.around(pause, insideOf(standing)))) {
                if (closed) { // and who closed it may have looked too early
                    lift();
                }
                return true;
            }
        }
        return false;
    }

    /**
     * Lets those in again who wait, and who come.
     *
     * @return what it was barred for; null if it was not
     */
    @Nullable
    Pause lift() {
        Bar<T> bar;
        while ((bar = barOf(place.get())) != null) {
            if (bar.inside == null ? passOn(bar) : place.compareAndSet(bar, bar.inside)) {
                return bar.pause;
            }
        }
        return null;
    }

    /** What it is barred for; null if it is not. */
    @Nullable
    Pause barredFor() {
        Bar<T> bar = barOf(place.get());
        return bar == null ? null : bar.pause;
    }

    /**
     * Waits for a turn.
     *
     * @return whether it came in time
     * @throws ClosedException if the turnstile is closed
     */
    boolean enter(T turn, long timeoutNanos, Lookout lookout) throws InterruptedException, FullException {
        if (!reserve()) {
            throw new FullException();
        }
        try {
            return queueUp(new Waiter<>(turn, false), timeoutNanos, lookout, false);
        } finally {
            waiting.decrementAndGet();
        }
    }

    /**
     * As {@link #enter}, for a thread that does something for the others: it does not count as one that waits, and gets
     * in while the turnstile is barred, too.
     */
    boolean enterAside(T turn, long timeoutNanos, Lookout lookout) throws InterruptedException {
        return queueUp(new Waiter<>(turn, true), timeoutNanos, lookout, false);
    }

    /** A place in the queue, if one is free: a thread that is refused never takes one from another. */
    private boolean reserve() {
        int now;
        do {
            now = waiting.get();
            if (now >= maxWaiting) {
                return false;
            }
        } while (!waiting.compareAndSet(now, now + 1));
        return true;
    }

    /**
     * Ends a turn. The first in the queue has the next one, if it has waited for long enough; else whoever comes first.
     *
     * @return whether it was not over before
     */
    boolean leave(T turn) {
        return passOn(turn);
    }

    /** Ends a turn, or lifts a bar with nobody inside: what stands in the place goes. */
    private boolean passOn(Object standing) {
        Object ending = standing;
        boolean ended = false;
        while (true) {
            Object now = place.get(); // asked first: whom it is passed to was then waiting while this turn went on
            if (now != ending) {
                Bar<T> bar = barOf(now);
                if (bar == null || bar.inside != ending) {
                    return ended;
                }
                if (place.compareAndSet(bar, bar.empty)) {
                    wakeAside();
                    return true;
                }
                continue; // it was lifted at this moment
            }
            Waiter<T> first = first(ending);
            if (first == null || !hasPriority(first)) {
                if (place.compareAndSet(ending, null)) {
                    wakeFirst();
                    return true;
                }
            } else if (place.compareAndSet(ending, first.turn)) {
                wake(first);
                if (first.fate != Waiter.Fate.GONE) {
                    return true;
                }
                ended = true;
                ending = first.turn; // it gave up at this moment, and perhaps too early to see that it had its turn
            }
        }
    }

    /** Whether no thread that comes now may pass the first in the queue. */
    private boolean hasPriority(Waiter<T> first) {
        long patience = waiting.get() > FEW ? Math.min(patienceNanos, PATIENCE_AMONG_MANY_NANOS) : patienceNanos;
        return System.nanoTime() - first.arrival > patience;
    }

    /** The first in the queue that still waits; not the one whose turn is being ended. */
    private @Nullable Waiter<T> first(@Nullable Object ending) {
        Waiter<T> first;
        while ((first = queue.peek()) != null && (first.fate != Waiter.Fate.WAITING || first.turn == ending)) {
            queue.remove(first);
        }
        return first;
    }

    /**
     * Ends the waiting of all threads, and enters for good.
     *
     * @param timeoutNanos how long to wait for the end of the turn that is under way
     * @return whether this thread is inside now; not, if the time passed or the thread was interrupted, whose flag is
     *     set
     */
    boolean close(T turn, long timeoutNanos) {
        closed = true;
        lift();
        for (Waiter<T> waiter : queue) {
            LockSupport.unpark(waiter.thread);
        }
        try {
            return queueUp(new Waiter<>(turn, false), timeoutNanos, now -> Long.MAX_VALUE, true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** How many wait. */
    int waiting() {
        return waiting.get();
    }

    /** How long the first in the queue has waited; 0 if none waits. */
    long firstWaitNanos(long now) {
        Waiter<T> first = first(null);
        return first == null ? 0 : Math.max(0, now - first.arrival);
    }

    private boolean queueUp(Waiter<T> waiter, long timeoutNanos, Lookout lookout, boolean closer)
            throws InterruptedException {
        boolean entered = false;
        try {
            queue.add(waiter);
            entered = waitForTurn(waiter, timeoutNanos, lookout, closer);
            return entered;
        } finally {
            waiter.fate = entered ? Waiter.Fate.INSIDE : Waiter.Fate.GONE;
            queue.remove(waiter); // after a turn has come it is the first, so this is no search
            if (!entered && !leave(waiter.turn) && place.get() == null) {
                wakeFirst(); // the wake-up that was for this one, perhaps
            }
        }
    }

    private boolean waitForTurn(Waiter<T> waiter, long timeoutNanos, Lookout lookout, boolean closer)
            throws InterruptedException {
        boolean inVain = false;
        long doze = SHORTEST_DOZE_NANOS;
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (closed && !closer) {
                throw new ClosedException();
            }
            boolean first = first(null) == waiter;
            if (occupant() == waiter.turn
                    || (first && tryEnter(waiter.turn))
                    || (waiter.aside && enterBarred(waiter.turn))) {
                return true;
            }
            long now = System.nanoTime();
            long left = timeoutNanos - (now - waiter.arrival);
            if (left <= 0) {
                return false;
            }
            long rest = first
                    ? lookout.look(now)
                    : Math.max(STOCKTAKING_NANOS, STOCKTAKING_NANOS_PER_WAITER * waiting.get());
            if (inVain) {
                rest = Math.min(rest, doze);
                doze = Math.min(2 * doze, LONGEST_DOZE_NANOS);
            }
            waiter.rest = inVain ? Waiter.Rest.DOZING : Waiter.Rest.ASLEEP;
            // Once more, for a thread that left, or closed, before that could be seen.
            boolean go = isFor(waiter, place.get());
            if (!go && (!closed || closer)) {
                LockSupport.parkNanos(this, Math.min(left, rest));
            }
            inVain = waiter.rest == Waiter.Rest.AWAKE;
            waiter.rest = Waiter.Rest.AWAKE;
        }
    }

    /** Whether a waiter need not rest: it has its turn, or could take it. */
    private boolean isFor(Waiter<T> waiter, @Nullable Object standing) {
        if (standing == null) {
            return first(null) == waiter;
        }
        T inside = insideOf(standing);
        return inside == waiter.turn || (inside == null && waiter.aside);
    }

    /** Those who may enter now, though it is barred. */
    private void wakeAside() {
        for (Waiter<T> waiter : queue) {
            if (waiter.aside) {
                wake(waiter);
            }
        }
    }

    private void wakeFirst() {
        Waiter<T> first = first(null);
        Thread leaving = Thread.currentThread();
        if (first != null && (first.wokenBy != leaving || first.rest != Waiter.Rest.DOZING)) {
            first.wokenBy = leaving;
            wake(first);
        }
    }

    private static void wake(Waiter<?> waiter) {
        if (waiter.rest == Waiter.Rest.AWAKE) {
            return;
        }
        boolean woken = false;
        try {
            waiter.rest = Waiter.Rest.AWAKE;
            LockSupport.unpark(waiter.thread);
            woken = true;
        } finally {
            if (!woken) { // it may have the turn already
                LockSupport.unpark(waiter.thread);
            }
        }
    }
}
