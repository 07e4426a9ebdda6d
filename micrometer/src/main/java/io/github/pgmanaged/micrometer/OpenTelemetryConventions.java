package io.github.pgmanaged.micrometer;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterConvention;
import io.micrometer.core.instrument.binder.SimpleMeterConvention;

/** OpenTelemetry's semantic conventions for metrics of database clients. Thread safety: immutable. */
final class OpenTelemetryConventions implements ConnectionMeterConventions {
    static final ConnectionMeterConventions INSTANCE = new OpenTelemetryConventions();

    private static final String PREFIX = "db.client.connection.";

    private OpenTelemetryConventions() {}

    private MeterConvention<String> meter(String name) {
        return new SimpleMeterConvention<>(PREFIX + name, pool -> Tags.of(poolTag(pool)));
    }

    private MeterConvention<String> count(String state) {
        return new SimpleMeterConvention<>(
                PREFIX + "count", pool -> Tags.of(poolTag(pool)).and(PREFIX + "state", state));
    }

    @Override
    public Tag poolTag(String pool) {
        return Tag.of(PREFIX + "pool.name", pool);
    }

    @Override
    public MeterConvention<String> idle() {
        return count("idle");
    }

    @Override
    public MeterConvention<String> used() {
        return count("used");
    }

    @Override
    public MeterConvention<String> max() {
        return meter("max");
    }

    @Override
    public MeterConvention<String> pendingRequests() {
        return meter("pending_requests");
    }

    @Override
    public MeterConvention<String> timeouts() {
        return meter("timeouts");
    }

    @Override
    public MeterConvention<String> createTime() {
        return meter("create_time");
    }

    @Override
    public MeterConvention<String> waitTime() {
        return meter("wait_time");
    }

    @Override
    public MeterConvention<String> useTime() {
        return meter("use_time");
    }
}
