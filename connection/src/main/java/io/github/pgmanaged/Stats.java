package io.github.pgmanaged;

import io.github.pgmanaged.internal.Counts;
import java.time.Duration;

/**
 * Counts of what a manager has done since it was built, and how long that took. They only grow, except
 * {@link #waiting}, which is the current number.
 *
 * <p>Thread safety: immutable. The counters are read one by one while other threads go on, so they need not be
 * consistent with each other to the last lease.
 */
public final class Stats {
    private final Counts counts;

    Stats(Counts counts) {
        this.counts = counts;
    }

    /**
     * Leases granted.
     *
     * @return how many
     */
    public long leases() {
        return counts.leases;
    }

    /**
     * Threads waiting for a lease now.
     *
     * @return how many, at this moment
     */
    public int waiting() {
        return counts.waiting;
    }

    /**
     * Acquisitions that timed out.
     *
     * @return how many
     */
    public long timeouts() {
        return counts.timeouts;
    }

    /**
     * Acquisitions that ended because the waiting thread was interrupted.
     *
     * @return how many
     */
    public long interrupts() {
        return counts.interrupts;
    }

    /**
     * Acquisitions that failed because {@code maxWaiting} threads were waiting already.
     *
     * @return how many
     */
    public long rejections() {
        return counts.rejections;
    }

    /**
     * Sessions opened.
     *
     * @return how many
     */
    public long opened() {
        return counts.opened;
    }

    /**
     * Attempts to open a session that failed.
     *
     * @return how many
     */
    public long openingFailures() {
        return counts.openingFailures;
    }

    /**
     * Sessions closed, for any reason.
     *
     * @return how many
     */
    public long closed() {
        return counts.closed;
    }

    /**
     * Idle sessions that failed their validation and were replaced.
     *
     * @return how many
     */
    public long validationFailures() {
        return counts.validationFailures;
    }

    /**
     * Transactions that a release rolled back.
     *
     * @return how many
     */
    public long rollbacks() {
        return counts.rollbacks;
    }

    /**
     * Releases that raised an {@link OpenTransactionException}.
     *
     * @return how many
     */
    public long openTransactions() {
        return counts.openTransactions;
    }

    /**
     * Leases in which the answer to a COMMIT was lost, or to a statement that commits by itself.
     *
     * @return how many
     */
    public long commitsUnknown() {
        return counts.commitsUnknown;
    }

    /**
     * Leases that were never released and were taken back.
     *
     * @return how many
     */
    public long abandoned() {
        return counts.abandoned;
    }

    /**
     * Leases revoked: by {@link ManagedConnection#revoke}, or because they exceeded {@code maxLease} or
     * {@code leaseIdleTimeout}.
     *
     * @return how many
     */
    public long revoked() {
        return counts.revoked;
    }

    /**
     * Acquisitions that had to wait for another lease, whether its turn came or not.
     *
     * @return how many
     */
    public long waits() {
        return counts.waits;
    }

    /**
     * How long all of those waited together; opening a session is not waiting.
     *
     * @return the sum
     */
    public Duration totalWait() {
        return Duration.ofNanos(counts.waitNanos);
    }

    /**
     * How long the longest of those waited.
     *
     * @return the maximum; zero if none has waited
     */
    public Duration longestWait() {
        return Duration.ofNanos(counts.longestWaitNanos);
    }

    /**
     * How long all leases that have ended were held together, each until its release was over. A lease that made no
     * call is not timed, since to read the clock would be a good part of its cost; with {@code traceLeases} it is.
     *
     * @return the sum
     */
    public Duration totalHold() {
        return Duration.ofNanos(counts.holdNanos);
    }

    /**
     * How long the longest of those leases was held.
     *
     * @return the maximum; zero if no lease has ended
     */
    public Duration longestHold() {
        return Duration.ofNanos(counts.longestHoldNanos);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Stats stats && toString().equals(stats.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** All counters, by name. */
    @Override
    public String toString() {
        return "Stats[leases=" + counts.leases
                + ", waiting=" + counts.waiting
                + ", timeouts=" + counts.timeouts
                + ", interrupts=" + counts.interrupts
                + ", rejections=" + counts.rejections
                + ", opened=" + counts.opened
                + ", openingFailures=" + counts.openingFailures
                + ", closed=" + counts.closed
                + ", validationFailures=" + counts.validationFailures
                + ", rollbacks=" + counts.rollbacks
                + ", openTransactions=" + counts.openTransactions
                + ", commitsUnknown=" + counts.commitsUnknown
                + ", abandoned=" + counts.abandoned
                + ", revoked=" + counts.revoked
                + ", waits=" + counts.waits
                + ", totalWait=" + totalWait()
                + ", longestWait=" + longestWait()
                + ", totalHold=" + totalHold()
                + ", longestHold=" + longestHold()
                + "]";
    }
}
