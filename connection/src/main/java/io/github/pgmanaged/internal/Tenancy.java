package io.github.pgmanaged.internal;

import org.jspecify.annotations.Nullable;

/**
 * What the events say of a lease. Thread safety: {@link #end} is for the thread that ends the lease, the rest for any.
 */
public interface Tenancy {
    /** The thread that acquired it. */
    Thread owner();

    /** When it was acquired, by {@link System#nanoTime()}. */
    long since();

    /** Whether it made a call. */
    boolean isUsed();

    /** How it ended; null if it never was the holder's. */
    @Nullable
    LeaseEnd end();
}
