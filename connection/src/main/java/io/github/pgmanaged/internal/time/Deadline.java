package io.github.pgmanaged.internal.time;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The moment by which something has to be over.
 *
 * <p>Thread safety: immutable.
 *
 * @param nanoTime the moment, by {@link System#nanoTime()}
 */
public record Deadline(long nanoTime) {
    /** Half of what a long holds, so that differences of two moments do not overflow. */
    private static final long LONGEST_NANOS = Long.MAX_VALUE / 4;

    /** A duration from now on. */
    public static Deadline after(Duration duration) {
        return since(System.nanoTime(), nanos(duration));
    }

    /** Nanoseconds from now on. */
    public static Deadline afterNanos(long nanos) {
        return since(System.nanoTime(), nanos);
    }

    /** Nanoseconds from a moment on. */
    public static Deadline since(long nanoTime, long nanos) {
        return new Deadline(nanoTime + Math.min(nanos, LONGEST_NANOS));
    }

    /** Nanoseconds that are left; negative once the deadline has passed. */
    public long left() {
        return nanoTime - System.nanoTime();
    }

    /** As {@link #left}, at a moment that is known already. */
    public long leftAt(long now) {
        return nanoTime - now;
    }

    /** Whether it has passed. */
    public boolean isOver() {
        return left() <= 0;
    }

    /** Milliseconds that are left, at least one: for what takes zero as "for ever". */
    public int millisLeft() {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(left())));
    }

    /** A duration in nanoseconds; a very long one counts as for ever. */
    public static long nanos(Duration duration) {
        try {
            return Math.min(duration.toNanos(), LONGEST_NANOS);
        } catch (ArithmeticException e) {
            return LONGEST_NANOS;
        }
    }
}
