package io.github.pgmanaged.micrometer;

import static io.github.pgmanaged.micrometer.ConnectionMeterConventions.hikariCp;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.TestDatabase;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** By HikariCP's convention there is each meter that HikariCP itself registers, and no other but our own. */
class HikariCpNamesTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private static final String POOL = "books";

    /** What a dashboard, an alert or a caller of {@code registry.get(...)} can tell meters apart by. */
    private static Stream<String> looks(MeterRegistry registry) {
        return registry.getMeters().stream().map(meter -> {
            Meter.Id id = meter.getId();
            return id.getName() + " " + id.getTags() + " " + id.getType() + " " + id.getBaseUnit() + " "
                    + meter.getClass().getName();
        });
    }

    @Test
    void the_meters_are_those_of_hikaricp_itself() throws Exception {
        MeterRegistry theirs = new SimpleMeterRegistry();
        HikariConfig config = new HikariConfig();
        config.setDataSource(DB.pgjdbcSource());
        config.setPoolName(POOL);
        config.setMaximumPoolSize(1);
        config.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(theirs));
        MeterRegistry ours = new SimpleMeterRegistry();
        try (HikariDataSource pool = new HikariDataSource(config);
                ManagedConnection manager =
                        ManagedConnection.builder(DB.conninfo()).name(POOL).build();
                ManagedConnectionMetrics metrics = new ManagedConnectionMetrics(manager, hikariCp())) {
            pool.getConnection().close();
            metrics.bindTo(ours);
            manager.acquire().close();
            List<String> expected = looks(theirs).toList();
            assertThat(expected).hasSizeGreaterThan(9);
            assertThat(looks(ours).filter(look -> !look.startsWith("pgmanaged.")))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void the_pool_is_one_of_at_most_one_connection_and_says_how_it_is_used() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        try (ManagedConnection manager =
                        ManagedConnection.builder(DB.conninfo()).name(POOL).build();
                ManagedConnectionMetrics metrics = new ManagedConnectionMetrics(manager, hikariCp())) {
            metrics.bindTo(registry);
            assertThat(gauges(registry)).containsExactly(0.0, 0.0, 0.0, 0.0, 1.0, 0.0);
            try (var lease = manager.acquire()) {
                assertThat(gauges(registry)).containsExactly(1.0, 0.0, 1.0, 0.0, 1.0, 0.0);
            }
            assertThat(gauges(registry)).containsExactly(1.0, 1.0, 0.0, 0.0, 1.0, 0.0);
        }
    }

    private static Stream<Double> gauges(MeterRegistry registry) {
        return Stream.of("", ".idle", ".active", ".pending", ".max", ".min")
                .map(name -> registry.get("hikaricp.connections" + name)
                        .tag("pool", POOL)
                        .gauge()
                        .value());
    }
}
