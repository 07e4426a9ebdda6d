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
 * before those that are only just being woken: that keeps the session busy. But once the first in the queue has waited
 * for {@link #PATIENCE_NANOS}, none passes it any more. So none starves, and most turns cost no wake-up.
 *
 * <p>The first in the queue looks around now and then, since only waiting threads care whether the one inside will ever
 * come out. (That is why the queue is our own: a synchronizer of the JDK's parks for the whole of the time.)
 *
 * <p>Invariants: the turn belongs to the occupant, and is over when it is not the occupant any more; that is one atomic
 * step, so that it ends exactly once, whatever is thrown, and whoever ends it. Whenever there is no occupant, the first
 * in the queue is awake or being woken: a thread that leaves wakes it, and a waiter that gives up wakes the one behind
 * it. (A thread that breaks off between these two steps delays the first in the queue until it looks the next time.)
 *
 * <p>Thread safety: safe. Any thread may leave for another.
 *
 * @param <T> what stands for a turn; compared by identity
 */
final class Turnstile<T> {
    /** Long beside a short lease, short beside what a person notices. */
    static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * A thread that becomes the first in the queue is not woken for that, since a wake-up costs more than most turns.
     * So each waiter looks where it stands now and then: about once a second, but all together not more than a thousand
     * times a second.
     */
    private static final long STOCKTAKING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long STOCKTAKING_NANOS_PER_WAITER = TimeUnit.MILLISECONDS.toNanos(1);

    private final AtomicReference<@Nullable T> occupant = new AtomicReference<>();
    private final Queue<Waiter> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final int maxWaiting;
    private final long patienceNanos;

    /** Whether the first in the queue has waited long enough. Set by that thread, reset by who enters next. */
    private volatile boolean impatient;

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

    private static final class Waiter {
        final Thread thread = Thread.currentThread();
        final long arrival;

        /** Set by the thread before it parks, reset by the one that wakes it, so that it is not woken twice. */
        volatile boolean asleep;

        Waiter(long arrival) {
            this.arrival = arrival;
        }
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
        // The second half is for a first waiter that gave up after it had become impatient.
        return (!impatient || queue.isEmpty()) && occupant.compareAndSet(null, turn);
    }

    /** Whose turn it is. */
    @Nullable
    T occupant() {
        return occupant.get();
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
            return queueUp(turn, timeoutNanos, lookout, false);
        } finally {
            waiting.decrementAndGet();
        }
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
     * Ends a turn.
     *
     * @return whether it was not over before
     */
    boolean leave(T turn) {
        if (!occupant.compareAndSet(turn, null)) {
            return false;
        }
        wakeFirst();
        return true;
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
        for (Waiter waiter : queue) {
            LockSupport.unpark(waiter.thread);
        }
        try {
            return queueUp(turn, timeoutNanos, now -> Long.MAX_VALUE, true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    int waiting() {
        return waiting.get();
    }

    /** How long the first in the queue has waited; 0 if none waits. */
    long firstWaitNanos(long now) {
        Waiter first = queue.peek();
        return first == null ? 0 : Math.max(0, now - first.arrival);
    }

    private boolean queueUp(T turn, long timeoutNanos, Lookout lookout, boolean closer) throws InterruptedException {
        long arrival = System.nanoTime();
        Waiter waiter = new Waiter(arrival);
        boolean entered = false;
        queue.add(waiter);
        try {
            entered = waitForTurn(turn, waiter, arrival, timeoutNanos, lookout, closer);
            return entered;
        } finally {
            queue.remove(waiter);
            if (!entered && occupant.get() == null) {
                wakeFirst(); // the wake-up that was for this one, perhaps
            }
        }
    }

    private boolean waitForTurn(T turn, Waiter waiter, long arrival, long timeoutNanos, Lookout lookout, boolean closer)
            throws InterruptedException {
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (closed && !closer) {
                throw new ClosedException();
            }
            long now = System.nanoTime();
            boolean first = queue.peek() == waiter;
            if (first && now - arrival > patienceNanos) {
                impatient = true;
            }
            if ((first || !impatient) && occupant.compareAndSet(null, turn)) {
                impatient = false;
                return true;
            }
            long left = timeoutNanos - (now - arrival);
            if (left <= 0) {
                return false;
            }
            long untilLook = first
                    ? lookout.look(now)
                    : Math.max(STOCKTAKING_NANOS, STOCKTAKING_NANOS_PER_WAITER * waiting.get());
            waiter.asleep = true;
            // Once more, for a thread that left, or closed, before that could be seen.
            boolean free = occupant.get() == null && (!impatient || queue.peek() == waiter);
            if (!free && (!closed || closer)) {
                LockSupport.parkNanos(this, Math.min(left, untilLook));
            }
            waiter.asleep = false;
        }
    }

    private void wakeFirst() {
        Waiter first = queue.peek();
        if (first != null && first.asleep) {
            first.asleep = false;
            LockSupport.unpark(first.thread);
        }
    }
}
