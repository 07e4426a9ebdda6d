package io.github.pgmanaged;

/**
 * What an acquisition does while its manager has never had a session, and the server is unreachable, starting or full.
 * Later openings retry in any case: then the connection string is known to be good.
 */
public enum InitialFailure {
    /** It fails at once: what is wrong may well be the connection string. */
    FAIL_FAST,

    /**
     * It retries, after the same pauses as later openings, until its {@code acquireTimeout} is over; as there, those
     * that do not wait ({@code tryAcquire()}, {@code acquire(Duration.ZERO)}) try once.
     */
    RETRY
}
