package io.github.pgmanaged;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets one lease through at a time.
 *
 * <p>Who waits is served in the order of coming. Who comes while it is free goes through at once, before those who are
 * only just being woken: that keeps the session busy. But once the first in the queue has waited for
 * {@link #PATIENCE_NANOS}, nobody passes it any more. So nobody starves, and most turns cost no wake-up.
 *
 * <p>Invariant: after each {@link #tryEnter} or {@link #enter} that returned {@code true} nobody else enters before
 * {@link #leave}. A waiter that gives up passes its wake-up on.
 *
 * <p>Thread safety: safe. Any thread may leave for another.
 */
final class Turnstile {
    /** Long beside a short lease, short beside what a person notices. */
    static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Queue queue = new Queue();
    private final AtomicInteger waiting = new AtomicInteger();
    private final int maxWaiting;

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
        this.maxWaiting = maxWaiting;
    }

    /** Enters if that takes no waiting. */
    boolean tryEnter() {
        return queue.tryEnter();
    }

    /**
     * Waits for a turn.
     *
     * @return whether it came in time
     */
    boolean enter(long timeoutNanos) throws InterruptedException, FullException {
        if (waiting.incrementAndGet() > maxWaiting && maxWaiting != Integer.MAX_VALUE) {
            waiting.decrementAndGet();
            throw new FullException();
        }
        try {
            return queue.tryAcquireNanos(Queue.now(), timeoutNanos);
        } finally {
            waiting.decrementAndGet();
        }
    }

    void leave() {
        queue.release(1);
    }

    /**
     * Has all who wait told so, and enters for good.
     *
     * @param timeoutNanos how long to wait for who is inside
     * @return whether this thread is inside now; not, if the time passed or the thread was interrupted, whose flag is
     *     set
     */
    boolean close(long timeoutNanos) {
        queue.close();
        try {
            return queue.tryAcquireNanos(Queue.now(), timeoutNanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            queue.closer = null;
        }
    }

    int waiting() {
        return waiting.get();
    }

    /** The state is 1 while somebody is inside. The argument of an acquisition is its time of arrival. */
    private static final class Queue extends AbstractQueuedSynchronizer {
        private static final long serialVersionUID = 1L;

        /** Whether the first in the queue has waited long enough. Set by that thread, reset by who enters next. */
        private volatile boolean impatient;

        private volatile boolean closed;

        /** Who is closing the turnstile now, and may still enter. */
        private volatile @Nullable Thread closer;

        /** Microseconds in an int, which wraps after 71 minutes; differences are taken modulo that. */
        static int now() {
            return (int) TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
        }

        boolean tryEnter() {
            // The second half is for a first waiter that gave up after it had become impatient.
            return (!impatient || !hasQueuedThreads()) && compareAndSetState(0, 1);
        }

        @Override
        protected boolean tryAcquire(int arrival) {
            if (closed && closer != Thread.currentThread()) {
                throw new ClosedException();
            }
            boolean first = !hasQueuedPredecessors();
            if ((first || !impatient) && compareAndSetState(0, 1)) {
                impatient = false;
                return true;
            }
            if (first && !impatient && now() - arrival > TimeUnit.NANOSECONDS.toMicros(PATIENCE_NANOS)) {
                impatient = true;
            }
            return false;
        }

        @Override
        protected boolean tryRelease(int ignored) {
            setState(0);
            return true;
        }

        /** The first in line finds it closed; as it leaves the queue it wakes the next one, and so on. */
        void close() {
            closer = Thread.currentThread();
            closed = true;
            Thread first = getFirstQueuedThread();
            if (first != null) {
                LockSupport.unpark(first);
            }
        }
    }
}
