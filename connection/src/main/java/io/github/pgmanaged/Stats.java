package io.github.pgmanaged;

/**
 * What a manager has done since it was built. Counters only grow; {@link #waiting} is of the moment.
 *
 * <p>Thread safety: immutable. The figures are read one by one while other threads go on, so they need not add up to
 * the last lease.
 *
 * @param leases leases given out
 * @param waiting threads that wait for a lease now
 * @param timeouts acquisitions that gave up after their timeout
 * @param interrupts acquisitions that ended because the waiting thread was interrupted
 * @param rejections acquisitions refused because {@code maxWaiting} threads waited already
 * @param opened sessions opened
 * @param closed sessions closed, for whatever reason
 * @param rollbacks transactions that a release had to roll back
 * @param openTransactions releases that ended in an {@link OpenTransactionException}
 * @param abandoned leases that were never released, and were taken back
 * @param revoked leases that were held for longer than {@code maxLease}, and were taken away
 */
public record Stats(
        long leases,
        int waiting,
        long timeouts,
        long interrupts,
        long rejections,
        long opened,
        long closed,
        long rollbacks,
        long openTransactions,
        long abandoned,
        long revoked) {}
