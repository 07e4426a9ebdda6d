package io.github.pgmanaged;

import java.util.concurrent.atomic.AtomicLong;

/** The counters behind {@link Stats}. */
final class Tally {
    /** Written inside the turnstile alone, and so without a contended instruction on the fast path. */
    private final AtomicLong leases = new AtomicLong();

    final AtomicLong timeouts = new AtomicLong();
    final AtomicLong interrupts = new AtomicLong();
    final AtomicLong rejections = new AtomicLong();
    final AtomicLong opened = new AtomicLong();
    final AtomicLong closed = new AtomicLong();
    final AtomicLong rollbacks = new AtomicLong();
    final AtomicLong openTransactions = new AtomicLong();
    final AtomicLong abandoned = new AtomicLong();
    final AtomicLong revoked = new AtomicLong();

    void leased() {
        leases.lazySet(leases.getPlain() + 1);
    }

    Stats stats(int waiting) {
        return new Stats(
                leases.get(),
                waiting,
                timeouts.get(),
                interrupts.get(),
                rejections.get(),
                opened.get(),
                closed.get(),
                rollbacks.get(),
                openTransactions.get(),
                abandoned.get(),
                revoked.get());
    }
}
