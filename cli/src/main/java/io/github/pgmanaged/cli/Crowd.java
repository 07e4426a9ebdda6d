package io.github.pgmanaged.cli;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** Threads that take turns until the time is over. */
final class Crowd implements AutoCloseable {
    private static final long TICK_MILLIS = 100;
    private static final long LEAVE_SECONDS = 60;

    /** How much longer than asked they work at the most for a watcher that has not seen everything. */
    private static final long LONGER_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final int size;
    private final ExecutorService threads;
    private volatile boolean dispersed;

    Crowd(int size) {
        this.size = size;
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newFixedThreadPool(size, work -> {
            Thread thread = new Thread(work, "citizen-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** What goes on beside the work, now and then. */
    @FunctionalInterface
    interface Watcher {
        /** Says whether it has seen what it is there to see; before, the work goes on, however slow the machine is. */
        boolean look(Duration elapsed) throws SQLException;
    }

    /**
     * Works.
     *
     * @param turns what each thread repeats, by its number
     * @return how long it took until the last one had finished his last turn
     * @throws InterruptedException if the crowd was dispersed meanwhile
     */
    Duration work(Duration time, IntFunction<Runnable> turns, Watcher watcher)
            throws InterruptedException, SQLException {
        CountDownLatch working = new CountDownLatch(size);
        AtomicBoolean allSeen = new AtomicBoolean();
        List<Future<?>> workers = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < size; i++) {
            Runnable turn = turns.apply(i);
            workers.add(threads.submit(() -> {
                try {
                    while (!dispersed && isTime(time.toNanos(), System.nanoTime() - start, allSeen.get())) {
                        turn.run();
                    }
                } finally {
                    working.countDown();
                }
            }));
        }
        while (!working.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
            if (watcher.look(Duration.ofNanos(System.nanoTime() - start))) {
                allSeen.set(true);
            }
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        for (Future<?> worker : workers) {
            join(worker);
        }
        if (dispersed) {
            throw new InterruptedException("interrupted");
        }
        return elapsed;
    }

    private static boolean isTime(long asked, long elapsed, boolean allSeen) {
        return elapsed < asked || (!allSeen && elapsed < asked + LONGER_NANOS);
    }

    private static void join(Future<?> worker) throws InterruptedException {
        try {
            worker.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread of the demo failed: " + e.getCause(), e);
        }
    }

    /** Lets everybody finish the turn at hand. */
    void disperse() {
        dispersed = true;
    }

    /** Lets everybody finish the turn at hand, and waits for that. */
    @Override
    public void close() {
        disperse();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(LEAVE_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
