package io.github.pgmanaged.benchmarks.rounds;

import io.github.pgmanaged.benchmarks.contenders.Contender.Desk;
import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.contenders.Place;
import io.github.pgmanaged.benchmarks.results.WaiterMemory;
import java.lang.Thread.State;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** How much of the heap virtual threads take while they wait for the connection, and while they only wait. */
public final class WaitersInMemory {
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(5);

    private WaitersInMemory() {}

    /**
     * Whether this JVM has virtual threads.
     *
     * @return true from JDK 21 on
     */
    public static boolean canBeMeasured() {
        return NewThreads.canBeVirtual();
    }

    /**
     * Measures it.
     *
     * @param names the contenders
     * @param waiters how many wait for each
     * @param place where the server is
     * @return threads that are only parked, then each contender
     */
    public static List<WaiterMemory> measure(List<String> names, int waiters, Place place) throws Exception {
        List<WaiterMemory> measured = new ArrayList<>();
        measured.add(new WaiterMemory("", waiters, parked(waiters)));
        for (String name : names) {
            try (Desk desk = Contenders.named(name).open(place)) {
                desk.giveBack(desk.take());
                measured.add(new WaiterMemory(name, waiters, waiting(desk, waiters)));
            }
        }
        return measured;
    }

    private static double parked(int waiters) throws InterruptedException {
        long before = used();
        List<Thread> threads = begin(waiters, LockSupport::park);
        double each = (double) (used() - before) / waiters;
        threads.forEach(LockSupport::unpark);
        join(threads);
        return each;
    }

    private static double waiting(Desk desk, int waiters) throws SQLException, InterruptedException {
        Connection held = desk.take();
        long before = used();
        List<Thread> threads = begin(waiters, () -> {
            try {
                desk.giveBack(desk.take());
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        double each = (double) (used() - before) / waiters;
        desk.giveBack(held);
        join(threads);
        return each;
    }

    private static List<Thread> begin(int count, Runnable task) {
        List<Thread> threads = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            threads.add(NewThreads.of(true, task, i));
        }
        for (Thread thread : threads) {
            thread.start();
        }
        for (Thread thread : threads) {
            while (thread.getState() != State.WAITING && thread.getState() != State.TIMED_WAITING) {
                LockSupport.parkNanos(POLL);
            }
        }
        return threads;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static long used() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
