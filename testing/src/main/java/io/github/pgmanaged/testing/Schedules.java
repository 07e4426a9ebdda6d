package io.github.pgmanaged.testing;

import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.Lincheck;
import org.jspecify.annotations.Nullable;

/**
 * Runs a few threads under a scheduler that decides after each access to shared memory who goes on, over and over, each
 * time in another way: for what must never happen, in whatever order the threads run.
 *
 * <p>Its clock stands still, and whoever parks may be woken for nothing at any moment. So a wake-up that is lost goes
 * unnoticed here; {@link Rounds} is for that.
 *
 * <p>The schedules are the same in each run. {@code -Dpgmanaged.schedules=...} sets how many of each test are tried.
 */
public final class Schedules {
    private static final int TRIED = Integer.getInteger("pgmanaged.schedules", 12);

    static {
        System.setProperty(
                "lincheck.logLevel", "ERROR"); // it warns that it cannot look into lambdas, thousands of times
    }

    private Schedules() {}

    /** What a thread does. */
    @FunctionalInterface
    public interface Part {
        void play() throws Exception;
    }

    /** Runs a test, which starts its threads by {@link #together} or {@link #start}. */
    public static void tryAll(Part test) {
        Lincheck.runConcurrentTest(TRIED, () -> {
            try {
                test.play();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    /**
     * Runs the parts at the same time, and fails if one of them does. The last one is this thread's: the fewer threads,
     * the deeper the schedules that can be tried.
     */
    public static void together(Part... parts) throws Exception {
        List<Player> players = new ArrayList<>();
        for (int i = 0; i < parts.length - 1; i++) {
            players.add(start(parts[i]));
        }
        parts[parts.length - 1].play();
        for (Player player : players) {
            player.finish();
        }
    }

    public static Player start(Part part) {
        return new Player(part);
    }

    /** A thread of a test. */
    public static final class Player {
        private final Thread thread;
        private volatile @Nullable Throwable failure;

        private Player(Part part) {
            thread = new Thread(() -> {
                try {
                    part.play();
                } catch (Throwable t) {
                    failure = t;
                }
            });
            thread.start();
        }

        public void interrupt() {
            thread.interrupt();
        }

        /** Waits for its end, and fails if it did. */
        public void finish() throws InterruptedException {
            thread.join();
            if (failure != null) {
                throw new AssertionError(failure);
            }
        }
    }
}
