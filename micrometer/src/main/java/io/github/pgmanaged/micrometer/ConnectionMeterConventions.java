package io.github.pgmanaged.micrometer;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.MeterConvention;
import java.util.Optional;

/**
 * What the meters that pools of connections have in common are called. Each convention is asked for its tags with the
 * name of the pool.
 *
 * <p>Thread safety: implementations must be safe.
 */
public interface ConnectionMeterConventions {
    /**
     * OpenTelemetry's semantic conventions: {@code db.client.connection.*}, tag {@code db.client.connection.pool.name}.
     *
     * @return the convention
     */
    static ConnectionMeterConventions openTelemetry() {
        return OpenTelemetryConventions.INSTANCE;
    }

    /**
     * HikariCP's names, {@code hikaricp.connections.*}, tag {@code pool}: for dashboards and alerts that exist.
     *
     * @return the convention
     */
    static ConnectionMeterConventions hikariCp() {
        return HikariCpConventions.INSTANCE;
    }

    /**
     * The tag that tells pools apart, for the meters that no convention has.
     *
     * @param pool the name of the pool
     * @return the tag
     */
    Tag poolTag(String pool);

    /**
     * Sessions that no lease uses, a gauge: 0 or 1.
     *
     * @return its name and tags
     */
    MeterConvention<String> idle();

    /**
     * Sessions that a lease uses, a gauge: 0 or 1.
     *
     * @return its name and tags
     */
    MeterConvention<String> used();

    /**
     * Sessions, a gauge: 0 or 1.
     *
     * @return its name and tags; empty if the convention has no such meter
     */
    default Optional<MeterConvention<String>> total() {
        return Optional.empty();
    }

    /**
     * How many sessions there may be, a gauge: 1.
     *
     * @return its name and tags
     */
    MeterConvention<String> max();

    /**
     * How many sessions there are at least, a gauge: 0.
     *
     * @return its name and tags; empty if the convention has no such meter
     */
    default Optional<MeterConvention<String>> min() {
        return Optional.empty();
    }

    /**
     * Threads that wait for the lease, a gauge.
     *
     * @return its name and tags
     */
    MeterConvention<String> pendingRequests();

    /**
     * Acquisitions that timed out, a counter.
     *
     * @return its name and tags
     */
    MeterConvention<String> timeouts();

    /**
     * How long it took to open a session, a timer.
     *
     * @return its name and tags
     */
    MeterConvention<String> createTime();

    /**
     * How long acquisitions took, a timer.
     *
     * @return its name and tags
     */
    MeterConvention<String> waitTime();

    /**
     * How long leases were held, a timer.
     *
     * @return its name and tags
     */
    MeterConvention<String> useTime();
}
