package io.github.pgmanaged.faults.table;

import java.time.Duration;

/** What a thread calls, and for how long that may keep it, by the options of the manager. */
enum Call {
    /** Its acquireTimeout alone. */
    ACQUIRE(Duration.ZERO),
    /** Ended by maxLease, which first sends a cancel request for at most releaseTimeout. */
    STATEMENT(Limits.MAX_LEASE.plus(Limits.RELEASE_TIMEOUT)),
    /** The same. */
    COMMIT(Limits.MAX_LEASE.plus(Limits.RELEASE_TIMEOUT)),
    /** A transaction whose COMMIT takes that long, and is asked about on another session. */
    VERIFIED_TRANSACTION(Limits.MAX_LEASE.plus(Limits.RELEASE_TIMEOUT)),
    RELEASE(Limits.RELEASE_TIMEOUT),
    /** Of the manager, with a lease out. */
    CLOSE(Limits.RELEASE_TIMEOUT);

    private final Duration bound;

    Call(Duration bound) {
        this.bound = bound;
    }

    Duration bound(Duration acquireTimeout) {
        return this == ACQUIRE || this == VERIFIED_TRANSACTION ? bound.plus(acquireTimeout) : bound;
    }
}
