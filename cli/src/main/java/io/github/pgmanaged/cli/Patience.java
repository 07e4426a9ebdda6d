package io.github.pgmanaged.cli;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Tries again what a server that restarts has broken off. */
final class Patience {
    private static final Duration MOST = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private Patience() {}

    /** Something that can be done again. */
    @FunctionalInterface
    interface Attempt<T> {
        T run() throws SQLException;
    }

    /**
     * Tries.
     *
     * @throws SQLException the last one, if the server stays away for a minute, the thread is interrupted, or it is of
     *     another kind
     */
    static <T> T retry(Attempt<T> attempt) throws SQLException {
        long start = System.nanoTime();
        while (true) {
            try {
                return attempt.run();
            } catch (SQLException e) {
                if (!LostSession.is(e)
                        || System.nanoTime() - start >= MOST.toNanos()
                        || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }
}
