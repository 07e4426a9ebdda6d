package io.github.pgmanaged.cli.timeline;

/**
 * A lease. Times in nanoseconds.
 *
 * @param lane the thread that held it
 * @param waited how long that thread was in the queue before; 0 if it was not
 * @param opening how long it took from its turn to the lease, if a session was opened in between
 */
record Lease(long start, long end, int lane, Outcome outcome, long waited, long opening) {
    /** When its thread left the queue. */
    long turn() {
        return start - opening;
    }

    /** When its thread entered the queue. */
    long asked() {
        return start - opening - waited;
    }
}
