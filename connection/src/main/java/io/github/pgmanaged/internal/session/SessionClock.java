package io.github.pgmanaged.internal.session;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * How long ago something was, by two clocks: {@link System#nanoTime()} stands still while a machine is frozen (a
 * snapshot of a lambda, a laptop asleep), and the wall clock can be set back. The later one counts. To read a clock is
 * a quarter of an empty lease, so the second one is not read again within a microsecond of the first: a machine that is
 * frozen just then could have been so in the middle of a lease, too.
 *
 * <p>Thread safety: safe; one thread sets the mark at a time.
 */
final class SessionClock {
    private static final long AT_ONCE_NANOS = TimeUnit.MICROSECONDS.toNanos(1);

    private final InstantSource wallClock;
    private volatile long nanos;
    private volatile long wallMillis;

    /** When the wall clock was last read, by {@link System#nanoTime()}. */
    private volatile long compared;

    /** By how much it was ahead then. */
    private volatile long ahead;

    SessionClock(InstantSource wallClock) {
        this.wallClock = wallClock;
        mark(System.nanoTime());
    }

    /** It was now. */
    void mark(long now) {
        nanos = now;
        wallMillis = wallClock.millis();
        ahead = 0;
        compared = now;
    }

    /** The mark, by {@link System#nanoTime()}. */
    long nanoTime() {
        return nanos;
    }

    /** Nanoseconds since the mark. */
    long elapsed(long now) {
        long byNanos = now - nanos;
        if (now - compared >= AT_ONCE_NANOS) {
            long byWall = TimeUnit.MILLISECONDS.toNanos(wallClock.millis() - wallMillis);
            ahead = Math.max(0, byWall - byNanos);
            compared = now;
        }
        return byNanos + ahead;
    }
}
