package io.github.pgmanaged.benchmarks.rounds;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The time in which a round is measured. A lease counts that ends in it. The time of a lease is noted if any of it lies
 * in the window: so a thread that waits for the whole window is seen, and its wait counts from its beginning to its
 * end, whenever these are. Threads ask again as soon as they were served, so a slow lease delays their next; the count
 * of leases shows that, and percentiles are by leases, not by time.
 *
 * <p>Thread safety: safe; a lease allocates nothing here.
 */
final class Window {
    private static final long LONGEST = TimeUnit.MINUTES.toNanos(10);

    private final CountDownLatch start = new CountDownLatch(1);
    private final Histogram times = new AtomicHistogram(LONGEST, 3);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile long opened;
    private volatile long closed;
    private volatile State state = State.BEFORE;

    private enum State {
        BEFORE,
        OPEN,
        OVER
    }

    void start() {
        start.countDown();
    }

    void awaitStart() throws InterruptedException {
        start.await();
    }

    void open() {
        opened = System.nanoTime();
        state = State.OPEN;
    }

    void close() {
        closed = System.nanoTime();
        state = State.OVER;
    }

    boolean isOver() {
        return state == State.OVER;
    }

    long nanos() {
        return closed - opened;
    }

    /** Notes a lease; whether it ended in the window. */
    boolean note(long begun, long ended) {
        State now = state;
        if (now == State.BEFORE || ended - opened < 0) {
            return false;
        }
        if (now == State.OVER && begun - closed >= 0) {
            return false;
        }
        times.recordValue(Math.min(ended - begun, LONGEST));
        return now == State.OPEN || ended - closed <= 0;
    }

    /** Read when all threads have ended. */
    Histogram times() {
        return times;
    }

    /** What went wrong first; the round is over. */
    void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        if (state != State.OVER) {
            close();
        }
    }

    @Nullable
    Throwable failure() {
        return failure.get();
    }
}
