package io.github.pgmanaged.internal.lease;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Since when a manager is paused.
 *
 * <p>Thread safety: immutable.
 *
 * @param since by the wall clock, for people
 * @param nanoTime by {@link System#nanoTime()}
 */
record Pause(Instant since, long nanoTime) {
    Duration soFar() {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }

    /** For a message. */
    String describe() {
        return "paused for " + soFar().toMillis() + " ms, since " + since.truncatedTo(ChronoUnit.MILLIS);
    }
}
