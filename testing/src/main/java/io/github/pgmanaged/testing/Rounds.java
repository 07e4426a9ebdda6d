package io.github.pgmanaged.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Has a few real threads meet in short rounds, thousands a second, each with something new to fight for. That finds
 * what a scheduler which lets one thread run at a time cannot show: what the processor and the compiler reorder, and
 * what depends on time.
 *
 * <p>{@code -Dpgmanaged.stress.millis=...} sets for how long each test goes on.
 */
public final class Rounds {
    private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(Integer.getInteger("pgmanaged.stress.millis", 500));
    private static final int BATCH = 100;
    private static final int SPINS = 1_000;

    private Rounds() {}

    /** What a thread does in a round. */
    @FunctionalInterface
    public interface Part<T> {
        void play(T prize) throws Exception;
    }

    /**
     * Plays rounds until the time is over, or one has failed.
     *
     * @param prize makes what a round is about
     * @param after checks it when all parts of the round have ended
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public static <T> void play(Supplier<T> prize, Consumer<T> after, Part<T>... parts) throws InterruptedException {
        long end = System.nanoTime() + NANOS;
        do {
            List<T> prizes = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                prizes.add(prize.get());
            }
            playAll(prizes, parts);
            prizes.forEach(after);
        } while (System.nanoTime() - end < 0);
    }

    private static <T> void playAll(List<T> prizes, Part<T>[] parts) throws InterruptedException {
        AtomicInteger ready = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (Part<T> part : parts) {
            Thread thread = new Thread(() -> {
                for (int round = 0; round < prizes.size() && failure.get() == null; round++) {
                    meet(ready, (round + 1) * parts.length, failure);
                    try {
                        part.play(prizes.get(round));
                    } catch (Throwable t) {
                        failure.compareAndSet(null, t);
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    /** All begin at once: they turn on the spot until the last one is there. */
    @SuppressWarnings("ThreadPriorityCheck") // or a busy machine would spin for a whole slice of time
    private static void meet(AtomicInteger ready, int all, AtomicReference<Throwable> failure) {
        ready.incrementAndGet();
        for (int spin = 0; ready.get() < all && failure.get() == null; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }
}
