package io.github.pgmanaged.internal.session;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * How long ago something was, by two clocks: {@link System#nanoTime()} stands still while a machine is frozen (a
 * snapshot of a lambda, a laptop asleep), and the wall clock can be set back. The later one counts.
 *
 * <p>Thread safety: safe; one thread sets the mark at a time.
 */
final class SessionClock {
    private final InstantSource wallClock;
    private volatile long nanos;
    private volatile long wallMillis;

    SessionClock(InstantSource wallClock) {
        this.wallClock = wallClock;
        mark(System.nanoTime());
    }

    /** It was now. */
    void mark(long now) {
        nanos = now;
        wallMillis = wallClock.millis();
    }

    /** The mark, by {@link System#nanoTime()}. */
    long nanoTime() {
        return nanos;
    }

    /** Nanoseconds since the mark. */
    long elapsed(long now) {
        long byWall = TimeUnit.MILLISECONDS.toNanos(wallClock.millis() - wallMillis);
        return Math.max(now - nanos, byWall);
    }
}
