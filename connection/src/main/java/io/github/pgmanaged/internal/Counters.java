package io.github.pgmanaged.internal;

import io.github.pgmanaged.OpenTransactionException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events, counted, and passed on to those who listen.
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
    private final LongAdder waits = new LongAdder();
    private final LongAdder waitNanos = new LongAdder();
    private final LongAccumulator longestWaitNanos = new LongAccumulator(Math::max, 0);
    private final LongAdder holdNanos = new LongAdder();
    private final LongAccumulator longestHoldNanos = new LongAccumulator(Math::max, 0);

    /** Replaced by a new one under the lock; read without. */
    private volatile Events[] listeners = {};

    /** Whether leases are timed that made no call, too: to read the clock is a good part of what such a lease costs. */
    private final boolean timesAll;

    /** Counts, and times those leases that made a call. */
    public Counters() {
        this(false);
    }

    /** Counts; times all leases, or those that made a call. */
    public Counters(boolean timesAll) {
        this.timesAll = timesAll;
    }

    /** From now on, passes events on to a listener. */
    public synchronized void add(Events listener) {
        Events[] more = Arrays.copyOf(listeners, listeners.length + 1);
        more[more.length - 1] = listener;
        listeners = more;
    }

    /** Passes events on to a listener no more; a call of it that is under way goes on. */
    public synchronized void remove(Events listener) {
        listeners = Arrays.stream(listeners).filter(known -> known != listener).toArray(Events[]::new);
    }

    /** Whatever a listener throws, it must not get in the way of what happens. */
    private void tell(Consumer<Events> event) {
        for (Events listener : listeners) {
            tell(listener, event);
        }
    }

    private static void tell(Events listener, Consumer<Events> event) {
        try {
            event.accept(listener);
        } catch (Throwable t) { // the others are told all the same
            return;
        }
    }

    @Override
    public void opened(long nanos) {
        opened.increment();
        tell(listener -> listener.opened(nanos));
    }

    @Override
    public void openingFailed(Throwable failure, long nanos) {
        openingFailures.increment();
        tell(listener -> listener.openingFailed(failure, nanos));
    }

    @Override
    public void closed(CloseReason reason) {
        closed.increment();
        tell(listener -> listener.closed(reason));
    }

    @Override
    public void validationFailed() {
        validationFailures.increment();
        tell(Events::validationFailed);
    }

    @Override
    public void leased(long begun) {
        leases.lazySet(leases.getPlain() + 1);
        for (Events listener : listeners) { // without an object for each lease
            tellOfLease(listener, begun);
        }
    }

    private static void tellOfLease(Events listener, long begun) {
        try {
            listener.leased(begun);
        } catch (Throwable t) {
            return;
        }
    }

    /** How many leases were given out; may be late. */
    public long leases() {
        return leases.get();
    }

    @Override
    public void waiting() {
        tell(Events::waiting);
    }

    @Override
    public void waited(long nanos, boolean inVain) {
        waits.increment();
        waitNanos.add(nanos);
        longestWaitNanos.accumulate(nanos);
        tell(listener -> listener.waited(nanos, inVain));
    }

    @Override
    public void waitedAgain(long nanos, long altogether, boolean inVain) {
        waitNanos.add(nanos);
        longestWaitNanos.accumulate(altogether);
        tell(listener -> listener.waitedAgain(nanos, altogether, inVain));
    }

    @Override
    public void ended(Tenancy lease) {
        if (lease.end() == null) { // nobody has had it
            return;
        }
        if (timesAll || lease.isUsed()) {
            long held = System.nanoTime() - lease.since();
            holdNanos.add(held);
            longestHoldNanos.accumulate(held);
        }
        for (Events listener : listeners) { // without an object for each lease
            tellOfEnd(listener, lease);
        }
    }

    private static void tellOfEnd(Events listener, Tenancy lease) {
        try {
            listener.ended(lease);
        } catch (Throwable t) {
            return;
        }
    }

    @Override
    public void released(@Nullable SQLException report) {
        if (report instanceof OpenTransactionException) {
            openTransactions.increment();
        }
        if (report != null) {
            tell(listener -> listener.released(report));
        }
    }

    @Override
    public void rolledBack(boolean thrown) {
        rollbacks.increment();
        tell(listener -> listener.rolledBack(thrown));
    }

    @Override
    public void commitUnknown() {
        commitsUnknown.increment();
        tell(Events::commitUnknown);
    }

    @Override
    public void revoked(Tenancy lease, String reason) {
        revoked.increment();
        tell(listener -> listener.revoked(lease, reason));
    }

    @Override
    public void abandoned(Tenancy lease) {
        abandoned.increment();
        tell(listener -> listener.abandoned(lease));
    }

    @Override
    public void resumed(long nanos) {
        tell(listener -> listener.resumed(nanos));
    }

    @Override
    public void reentered() {
        tell(Events::reentered);
    }

    @Override
    public void rejected() {
        rejections.increment();
        tell(Events::rejected);
    }

    @Override
    public void timedOut(long nanos) {
        timeouts.increment();
        tell(listener -> listener.timedOut(nanos));
    }

    @Override
    public void interrupted() {
        interrupts.increment();
        tell(Events::interrupted);
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
        counts.waits = waits.sum();
        counts.waitNanos = waitNanos.sum();
        counts.longestWaitNanos = longestWaitNanos.get();
        counts.holdNanos = holdNanos.sum();
        counts.longestHoldNanos = longestHoldNanos.get();
        return counts;
    }
}
