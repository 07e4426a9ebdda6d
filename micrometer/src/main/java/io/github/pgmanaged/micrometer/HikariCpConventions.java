package io.github.pgmanaged.micrometer;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterConvention;
import io.micrometer.core.instrument.binder.SimpleMeterConvention;
import java.util.Optional;

/** The names that HikariCP's metrics have. Thread safety: immutable. */
final class HikariCpConventions implements ConnectionMeterConventions {
    static final ConnectionMeterConventions INSTANCE = new HikariCpConventions();

    private static final String ALL = "hikaricp.connections";

    private HikariCpConventions() {}

    private MeterConvention<String> meter(String name) {
        return new SimpleMeterConvention<>(name, pool -> Tags.of(poolTag(pool)));
    }

    @Override
    public Tag poolTag(String pool) {
        return Tag.of("pool", pool);
    }

    @Override
    public MeterConvention<String> idle() {
        return meter(ALL + ".idle");
    }

    @Override
    public MeterConvention<String> used() {
        return meter(ALL + ".active");
    }

    @Override
    public Optional<MeterConvention<String>> total() {
        return Optional.of(meter(ALL));
    }

    @Override
    public MeterConvention<String> max() {
        return meter(ALL + ".max");
    }

    @Override
    public Optional<MeterConvention<String>> min() {
        return Optional.of(meter(ALL + ".min"));
    }

    @Override
    public MeterConvention<String> pendingRequests() {
        return meter(ALL + ".pending");
    }

    @Override
    public MeterConvention<String> timeouts() {
        return meter(ALL + ".timeout");
    }

    @Override
    public MeterConvention<String> createTime() {
        return meter(ALL + ".creation");
    }

    @Override
    public MeterConvention<String> waitTime() {
        return meter(ALL + ".acquire");
    }

    @Override
    public MeterConvention<String> useTime() {
        return meter(ALL + ".usage");
    }
}
