package io.github.pgmanaged.internal.session;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * When to try again after an opening that failed: after about 50 ms, then twice as long each time, up to a second. A
 * random half of each pause keeps many clients of one server from coming back all at once.
 *
 * <p>Thread safety: none.
 */
public final class Backoff {
    static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private int failures;
    private long retryAt;

    /** The next failure is the first. */
    public void succeeded() {
        failures = 0;
    }

    /** It failed once more. */
    public void failed(long nanoTime) {
        long pause = Math.min(LONGEST_NANOS, SHORTEST_NANOS << Math.min(failures, 10));
        failures++;
        retryAt = nanoTime + pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
    }

    /** How long to wait before the next attempt; zero or less for not at all. */
    public long pauseNanos(long nanoTime) {
        return failures == 0 ? 0 : retryAt - nanoTime;
    }
}
