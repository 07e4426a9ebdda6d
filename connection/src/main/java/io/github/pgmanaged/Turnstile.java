package io.github.pgmanaged;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets one lease through at a time.
 *
 * <p>Who waits is served in the order of coming. Who comes while it is free goes through at once, before those who are
 * only just being woken: that keeps the session busy. But once the first in the queue has waited for
 * {@link #PATIENCE_NANOS}, nobody passes it any more. So nobody starves, and most turns cost no wake-up.
 *
 * <p>The first in the queue looks around now and then, since only those who wait care whether the one inside will ever
 * come out. (That is why the queue is our own: a synchronizer of the JDK's parks for the whole of the time.)
 *
 * <p>Invariants: after each {@link #tryEnter}, {@link #enter} or {@link #close} that returned {@code true} nobody else
 * enters before {@link #leave}. Whenever nobody is inside, the first in the queue is awake or being woken: whoever
 * leaves wakes it, and a waiter that gives up wakes the one behind it.
 *
 * <p>Thread safety: safe. Any thread may leave for another.
 */
final class Turnstile {
    /** Long beside a short lease, short beside what a person notices. */
    static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * Who becomes the first in the queue is not told, since a wake-up costs more than most turns. So each waiter looks
     * where it stands now and then: about once a second, but all together not more than a thousand times a second.
     */
    private static final long STOCKTAKING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long STOCKTAKING_NANOS_PER_WAITER = TimeUnit.MILLISECONDS.toNanos(1);

    private final AtomicBoolean occupied = new AtomicBoolean();
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

        /** Set by the thread before it parks, reset by who wakes it, so that nobody wakes it twice. */
        volatile boolean asleep;
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

    /** With less than no patience, nobody passes who waits. */
    Turnstile(int maxWaiting, long patienceNanos) {
        this.maxWaiting = maxWaiting;
        this.patienceNanos = patienceNanos;
    }

    /** Enters if that takes no waiting. */
    boolean tryEnter() {
        // The second half is for a first waiter that gave up after it had become impatient.
        return (!impatient || queue.isEmpty()) && occupied.compareAndSet(false, true);
    }

    /**
     * Waits for a turn.
     *
     * @return whether it came in time
     * @throws ClosedException if the turnstile is closed
     */
    boolean enter(long timeoutNanos, Lookout lookout) throws InterruptedException, FullException {
        if (waiting.incrementAndGet() > maxWaiting && maxWaiting != Integer.MAX_VALUE) {
            waiting.decrementAndGet();
            throw new FullException();
        }
        try {
            return queueUp(timeoutNanos, lookout, false);
        } finally {
            waiting.decrementAndGet();
        }
    }

    void leave() {
        occupied.set(false);
        wakeFirst();
    }

    /**
     * Has all who wait told so, and enters for good.
     *
     * @param timeoutNanos how long to wait for who is inside
     * @return whether this thread is inside now; not, if the time passed or the thread was interrupted, whose flag is
     *     set
     */
    boolean close(long timeoutNanos) {
        closed = true;
        for (Waiter waiter : queue) {
            LockSupport.unpark(waiter.thread);
        }
        try {
            return queueUp(timeoutNanos, now -> Long.MAX_VALUE, true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    int waiting() {
        return waiting.get();
    }

    private boolean queueUp(long timeoutNanos, Lookout lookout, boolean closer) throws InterruptedException {
        long arrival = System.nanoTime();
        Waiter waiter = new Waiter();
        boolean entered = false;
        queue.add(waiter);
        try {
            entered = waitForTurn(waiter, arrival, timeoutNanos, lookout, closer);
            return entered;
        } finally {
            queue.remove(waiter);
            if (!entered && !occupied.get()) {
                wakeFirst(); // the wake-up that was for this one, perhaps
            }
        }
    }

    private boolean waitForTurn(Waiter waiter, long arrival, long timeoutNanos, Lookout lookout, boolean closer)
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
            if ((first || !impatient) && occupied.compareAndSet(false, true)) {
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
            // Once more, for who left, or closed, before that could be seen.
            boolean free = !occupied.get() && (!impatient || queue.peek() == waiter);
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
