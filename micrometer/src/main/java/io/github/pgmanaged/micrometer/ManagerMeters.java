package io.github.pgmanaged.micrometer;

import io.github.pgmanaged.Holder;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.Stats;
import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Tenancy;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterConvention;
import io.micrometer.core.instrument.noop.NoopCounter;
import io.micrometer.core.instrument.noop.NoopTimer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The meters of one manager in one registry. Those that show a state, and those that count what {@link Stats} counts,
 * look at the manager when they are read; the rest is fed by its events, and counts from the binding on.
 *
 * <p>A registry holds what its gauges look at weakly. That is the manager itself, which is as well: a registry does not
 * keep a manager that its owner has dropped.
 *
 * <p>Thread safety: safe.
 */
final class ManagerMeters implements Events {
    private final ManagedConnection manager;
    private final String pool;
    private final Tag poolTag;
    private final OwnMeters meters;

    private final Timer createTime;
    private final Timer waitTime;
    private final Timer useTime;
    private final Counter timeouts;
    private final Counter openRolledBack;
    private final Counter thrownRolledBack;
    private final Map<CloseReason, Counter> resets = new EnumMap<>(CloseReason.class);

    /** Registers them all, each counter with zero: a query for its increase would miss the first count of a new one. */
    ManagerMeters(ManagedConnection manager, String pool, ConnectionMeterConventions conventions, OwnMeters meters) {
        this.manager = manager;
        this.pool = pool;
        this.poolTag = conventions.poolTag(pool);
        this.meters = meters;

        gauge(
                conventions.idle(),
                "Sessions that no lease uses",
                m -> m.isOpen() && m.holder().isEmpty() ? 1 : 0);
        gauge(conventions.used(), "Sessions that a lease uses", m -> m.holder().isPresent() ? 1 : 0);
        conventions.total().ifPresent(total -> gauge(total, "Open sessions", m -> m.isOpen() ? 1 : 0));
        gauge(conventions.max(), "How many sessions there may be", m -> 1);
        conventions.min().ifPresent(min -> gauge(min, "How many sessions there are at least", m -> 0));
        gauge(
                conventions.pendingRequests(),
                "Threads that wait for the lease",
                m -> m.waiters().count());
        timeouts = counter(
                conventions.timeouts().getName(), conventions.timeouts().getTags(pool), "Acquisitions that timed out");
        createTime = timer(conventions.createTime(), "How long it took to open a session");
        waitTime = timer(conventions.waitTime(), "How long it took to acquire the lease, or to time out");
        useTime = timer(conventions.useTime(), "How long leases were held");

        count("leases", "Leases granted", Stats::leases);
        count("waits", "Acquisitions that had to wait for another lease", Stats::waits);
        count("interrupts", "Acquisitions that were interrupted", Stats::interrupts);
        count("rejections", "Acquisitions refused, since maxWaiting threads waited already", Stats::rejections);
        count("openings.failed", "Attempts to open a session that failed", Stats::openingFailures);
        count("validations.failed", "Idle sessions that failed their validation", Stats::validationFailures);
        count("open.transactions", "Releases told of a transaction left open", Stats::openTransactions);
        count("commits.unknown", "Leases in which the answer to a COMMIT was lost", Stats::commitsUnknown);
        count("leases.abandoned", "Leases that were never released, and taken back", Stats::abandoned);
        count("leases.revoked", "Leases taken from their holders", Stats::revoked);
        openRolledBack = rollbacks("left_open");
        thrownRolledBack = rollbacks("work_threw");
        for (CloseReason reason : CloseReason.values()) {
            resets.put(
                    reason,
                    counter(
                            "pgmanaged.resets",
                            Tags.of(poolTag).and("reason", reason.name().toLowerCase(Locale.ROOT)),
                            "Sessions closed"));
        }
        age(
                "holder.held",
                "For how long the present holder has had the lease; 0 without one",
                m -> m.holder().map(Holder::heldFor).orElse(Duration.ZERO));
        age(
                "waiters.first.wait",
                "For how long the first of the waiting threads has waited; 0 without one",
                m -> m.waiters().firstWait());
    }

    /** Unregisters them. */
    void remove() {
        meters.remove();
    }

    private void gauge(MeterConvention<String> convention, String text, ToDoubleFunction<ManagedConnection> value) {
        meters.add(Gauge.builder(convention.getName(), manager, value)
                .tags(convention.getTags(pool))
                .description(text)::register);
    }

    private void age(String name, String text, Function<ManagedConnection, Duration> value) {
        meters.add(TimeGauge.builder(
                        "pgmanaged." + name,
                        manager,
                        TimeUnit.NANOSECONDS,
                        m -> value.apply(m).toNanos())
                .tags(Tags.of(poolTag))
                .description(text)::register);
    }

    private void count(String name, String text, ToLongFunction<Stats> count) {
        meters.add(FunctionCounter.builder("pgmanaged." + name, manager, m -> count.applyAsLong(m.stats()))
                .tags(Tags.of(poolTag))
                .description(text)::register);
    }

    private Timer timer(MeterConvention<String> convention, String text) {
        return meters.add(
                Timer.builder(convention.getName())
                        .tags(convention.getTags(pool))
                        .description(text)::register,
                NoopTimer::new);
    }

    private Counter counter(String name, Iterable<Tag> tags, String text) {
        return meters.add(Counter.builder(name).tags(tags).description(text)::register, NoopCounter::new);
    }

    private Counter rollbacks(String cause) {
        return counter(
                "pgmanaged.rollbacks", Tags.of(poolTag).and("cause", cause), "Transactions that a release rolled back");
    }

    // --- events -------------------------------------------------------------------------------------------------

    @Override
    public void opened(long nanos) {
        createTime.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void closed(CloseReason reason) {
        Counter counter = resets.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void leased(long begun) {
        waitTime.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
    }

    @Override
    public void timedOut(long nanos) {
        timeouts.increment();
        waitTime.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void ended(Tenancy lease) {
        useTime.record(System.nanoTime() - lease.since(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void rolledBack(boolean thrown) {
        (thrown ? thrownRolledBack : openRolledBack).increment();
    }
}
