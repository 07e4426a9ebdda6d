package io.github.pgmanaged.internal;

import io.github.pgmanaged.OpenTransactionException;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The events, counted.
 *
 * <p>Thread safety: safe.
 */
public final class Counters implements Events {
    /** Written inside the turn alone, and so without a contended instruction on the fast path. */
    private final AtomicLong leases = new AtomicLong();

    private final LongAdder timeouts = new LongAdder();
    private final LongAdder interrupts = new LongAdder();
    private final LongAdder rejections = new LongAdder();
    private final LongAdder opened = new LongAdder();
    private final LongAdder openingFailures = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder validationFailures = new LongAdder();
    private final LongAdder rollbacks = new LongAdder();
    private final LongAdder openTransactions = new LongAdder();
    private final LongAdder commitsUnknown = new LongAdder();
    private final LongAdder abandoned = new LongAdder();
    private final LongAdder revoked = new LongAdder();

    @Override
    public void opened(long nanos) {
        opened.increment();
    }

    @Override
    public void openingFailed(Throwable failure, long nanos) {
        openingFailures.increment();
    }

    @Override
    public void closed(CloseReason reason) {
        closed.increment();
    }

    @Override
    public void validationFailed() {
        validationFailures.increment();
    }

    @Override
    public void leased() {
        leases.lazySet(leases.getPlain() + 1);
    }

    @Override
    public void released(@Nullable SQLException report) {
        if (report instanceof OpenTransactionException) {
            openTransactions.increment();
        }
    }

    @Override
    public void rolledBack(boolean thrown) {
        rollbacks.increment();
    }

    @Override
    public void commitUnknown() {
        commitsUnknown.increment();
    }

    @Override
    public void revoked() {
        revoked.increment();
    }

    @Override
    public void abandoned() {
        abandoned.increment();
    }

    @Override
    public void rejected() {
        rejections.increment();
    }

    @Override
    public void timedOut() {
        timeouts.increment();
    }

    @Override
    public void interrupted() {
        interrupts.increment();
    }

    /** A snapshot, with the number of threads that wait now. */
    public Counts snapshot(int waiting) {
        Counts counts = new Counts();
        counts.leases = leases.get();
        counts.waiting = waiting;
        counts.timeouts = timeouts.sum();
        counts.interrupts = interrupts.sum();
        counts.rejections = rejections.sum();
        counts.opened = opened.sum();
        counts.openingFailures = openingFailures.sum();
        counts.closed = closed.sum();
        counts.validationFailures = validationFailures.sum();
        counts.rollbacks = rollbacks.sum();
        counts.openTransactions = openTransactions.sum();
        counts.commitsUnknown = commitsUnknown.sum();
        counts.abandoned = abandoned.sum();
        counts.revoked = revoked.sum();
        return counts;
    }
}
