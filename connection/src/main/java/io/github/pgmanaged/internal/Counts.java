package io.github.pgmanaged.internal;

/** The figures of a snapshot, set by name. Thread safety: none; not changed any more once it is handed on. */
public final class Counts {
    public long leases;
    public int waiting;
    public long timeouts;
    public long interrupts;
    public long rejections;
    public long opened;
    public long openingFailures;
    public long closed;
    public long validationFailures;
    public long rollbacks;
    public long openTransactions;
    public long commitsUnknown;
    public long abandoned;
    public long revoked;
    public long waits;
    public long waitNanos;
    public long longestWaitNanos;
    public long holdNanos;
    public long longestHoldNanos;
}
