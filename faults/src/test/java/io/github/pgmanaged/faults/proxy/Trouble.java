package io.github.pgmanaged.faults.proxy;

import java.time.Duration;

/** What a network, or who sits in it, can do to a line. */
public enum Trouble implements Strike {
    /** Both ends are closed. */
    CUT,
    /** Both ends are reset: RST instead of FIN. */
    RESET,
    /** Nothing passes any more, not even an end. */
    STALL,
    /** The client is told that the server has ended; the server is not told anything, and still hears the client. */
    HALF_CLOSE,
    /** All that passes comes late, in both directions. */
    DELAY,
    /** What the server says comes byte by byte, with pauses. */
    DRIP;

    public static final Duration LATE = Duration.ofMillis(50);
    public static final Duration APART = Duration.ofMillis(5);

    @Override
    public void on(Line line) {
        line.suffer(this);
    }
}
