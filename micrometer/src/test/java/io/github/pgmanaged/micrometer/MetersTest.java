package io.github.pgmanaged.micrometer;

import static io.github.pgmanaged.testing.TestDatabase.execute;
import static io.github.pgmanaged.testing.TestDatabase.insert;
import static io.github.pgmanaged.testing.TestDatabase.pid;
import static io.github.pgmanaged.testing.TestDatabase.query;
import static io.github.pgmanaged.testing.TestDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestDatabase;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What each meter shows of a manager on a real server. */
@Timeout(120)
class MetersTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private static final Duration SOME = Duration.ofMillis(100);

    private final MeterRegistry registry = new SimpleMeterRegistry();

    private ManagedConnection bound(ManagedConnection.Builder builder) {
        ManagedConnection manager = DB.closing(builder.name("books").build());
        DB.closing(new ManagedConnectionMetrics(manager)).bindTo(registry);
        return manager;
    }

    private ManagedConnection bound() {
        return bound(ManagedConnection.builder(DB.conninfo()));
    }

    private double connections(String state) {
        return registry.get("db.client.connection.count")
                .tags("db.client.connection.pool.name", "books", "db.client.connection.state", state)
                .gauge()
                .value();
    }

    private double gauge(String name) {
        return registry.get(name)
                .tag("db.client.connection.pool.name", "books")
                .gauge()
                .value();
    }

    private Timer timer(String name) {
        return registry.get("db.client.connection." + name)
                .tag("db.client.connection.pool.name", "books")
                .timer();
    }

    private double count(String name, String... tags) {
        Meter meter = registry.get(name)
                .tag("db.client.connection.pool.name", "books")
                .tags(tags)
                .meter();
        return meter.measure().iterator().next().getValue();
    }

    private double resets(String reason) {
        return count("pgmanaged.resets", "reason", reason);
    }

    @Test
    void the_session_is_idle_or_used_or_not_there() throws Exception {
        ManagedConnection manager = bound();
        assertThat(connections("idle") + connections("used")).isZero();
        try (Lease lease = manager.acquire()) {
            assertThat(connections("used")).isEqualTo(1);
            assertThat(connections("idle")).isZero();
        }
        assertThat(connections("used")).isZero();
        assertThat(connections("idle")).isEqualTo(1);
        assertThat(gauge("db.client.connection.max")).isEqualTo(1);
        manager.reset();
        assertThat(connections("idle")).isZero();
    }

    @Test
    void who_waits_and_for_how_long_and_how_long_the_holder_has_had_it_is_seen_at_any_moment() throws Exception {
        ManagedConnection manager = bound();
        assertThat(gauge("pgmanaged.holder.held")).isZero();
        assertThat(gauge("pgmanaged.waiters.first.wait")).isZero();
        CompletableFuture<Void> waiter;
        try (Lease lease = manager.acquire()) {
            waiter = Elsewhere.run(() -> manager.acquire().close());
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(gauge("db.client.connection.pending_requests"))
                            .isEqualTo(1));
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(gauge("pgmanaged.waiters.first.wait")).isGreaterThan(0.1));
            double waited = gauge("pgmanaged.waiters.first.wait"); // read before the longer of the two
            assertThat(gauge("pgmanaged.holder.held")).as("seconds").isBetween(waited, 120.0);
        }
        waiter.get();
        assertThat(gauge("db.client.connection.pending_requests")).isZero();
        assertThat(count("pgmanaged.waits")).isEqualTo(1);
    }

    @Test
    void each_lease_is_timed_and_its_acquisition_also_one_that_makes_no_call() throws Exception {
        ManagedConnection manager = bound();
        manager.acquire().close();
        manager.acquire().close();
        manager.tryAcquire().orElseThrow().close();
        assertThat(manager.stats().totalHold()).as("not by the manager").isZero();
        assertThat(timer("use_time").count()).isEqualTo(3);
        assertThat(timer("use_time").totalTime(TimeUnit.NANOSECONDS)).isPositive();
        assertThat(timer("wait_time").count()).isEqualTo(3);
        assertThat(count("pgmanaged.leases")).isEqualTo(3);
    }

    @Test
    void an_acquisition_takes_as_long_as_the_wait_for_others_and_the_opening_together() throws Exception {
        ManagedConnection manager = bound(ManagedConnection.builder(DB.conninfo())
                .onOpen(connection -> execute(connection, "SELECT pg_sleep(0.1)")));
        CompletableFuture<Void> waiter;
        try (Lease lease = manager.acquire()) {
            assertThat(timer("create_time").totalTime(TimeUnit.MILLISECONDS)).isGreaterThanOrEqualTo(100);
            assertThat(timer("wait_time").max(TimeUnit.MILLISECONDS)).isGreaterThanOrEqualTo(100);
            waiter = Elsewhere.run(() -> manager.acquire().close());
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> manager.waiters().firstWait().compareTo(SOME) >= 0);
        }
        waiter.get();
        assertThat(timer("create_time").count()).isEqualTo(1);
        assertThat(timer("wait_time").count()).isEqualTo(2);
        assertThat(timer("wait_time").totalTime(TimeUnit.MILLISECONDS)).isGreaterThanOrEqualTo(200);
        assertThat(timer("use_time").max(TimeUnit.MILLISECONDS)).isGreaterThanOrEqualTo(100);
    }

    @Test
    void who_times_out_or_is_interrupted_or_refused_is_counted() throws Exception {
        ManagedConnection manager = bound(ManagedConnection.builder(DB.conninfo()));
        ManagedConnection strict = DB.closing(ManagedConnection.builder(DB.conninfo())
                .name("strict")
                .maxWaiting(0)
                .build());
        DB.closing(new ManagedConnectionMetrics(strict)).bindTo(registry);
        try (Lease lease = manager.acquire();
                Lease other = strict.acquire()) {
            Elsewhere.run(() -> state(() -> manager.acquire(SOME))).get();
            Elsewhere.run(() -> {
                        Thread.currentThread().interrupt();
                        state(manager::acquire);
                        Thread.interrupted();
                    })
                    .get();
            Elsewhere.run(() -> state(strict::acquire)).get();
        }
        assertThat(count("db.client.connection.timeouts")).isEqualTo(1);
        assertThat(count("pgmanaged.interrupts")).isEqualTo(1);
        assertThat(timer("wait_time").count()).as("the lease and the timeout").isEqualTo(2);
        assertThat(timer("wait_time").max(TimeUnit.MILLISECONDS)).isGreaterThanOrEqualTo(100);
        assertThat(count("pgmanaged.rejections")).isZero();
        assertThat(registry.get("pgmanaged.rejections")
                        .tag("db.client.connection.pool.name", "strict")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void rollbacks_are_counted_by_their_cause() throws Exception {
        ManagedConnection manager = bound();
        Lease forgotten = manager.acquire();
        insert(forgotten, "a");
        assertThat(state(forgotten::close)).isEqualTo("25000");
        for (int i = 0; i < 2; i++) {
            assertThat(catchThrowable(() -> manager.useTransaction(work -> {
                        insert(work, "a");
                        throw new IllegalStateException("of the work");
                    })))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(count("pgmanaged.rollbacks", "cause", "left_open")).isEqualTo(1);
        assertThat(count("pgmanaged.rollbacks", "cause", "work_threw")).isEqualTo(2);
        assertThat(count("pgmanaged.open.transactions")).isEqualTo(1);
    }

    @Test
    void sessions_that_end_are_counted_by_the_reason() throws Exception {
        ManagedConnection manager = bound(ManagedConnection.builder(DB.conninfo())
                .validateAfterIdle(Duration.ZERO)
                .releaseTimeout(SOME));
        manager.acquire().close();
        manager.reset();
        assertThat(resets("reset")).isEqualTo(1);
        DB.kill(manager.<Integer, RuntimeException>withConnection(TestDatabase::pid));
        manager.acquire().close();
        assertThat(resets("validation")).isEqualTo(1);
        assertThat(count("pgmanaged.validations.failed")).isEqualTo(1);
        manager.acquire();
        manager.revoke("long enough");
        assertThat(resets("revoked")).isEqualTo(1);
        assertThat(count("pgmanaged.leases.revoked")).isEqualTo(1);
        Lease lost = manager.acquire();
        DB.kill(pid(lost));
        state(() -> query(lost, "SELECT 1"));
        assertThat(resets("lost")).isEqualTo(1);
        Elsewhere.callToTheEnd(manager::acquire);
        manager.acquire().close();
        assertThat(count("pgmanaged.leases.abandoned")).isEqualTo(1);
        manager.close();
        assertThat(resets("manager_closed")).isEqualTo(1);
        assertThat(timer("create_time").count()).isEqualTo(manager.stats().opened());
        assertThat(timer("use_time").count()).as("each lease, however it ended").isEqualTo(7);
    }

    @Test
    void an_opening_that_fails_is_counted_and_not_timed() {
        ManagedConnection manager =
                bound(ManagedConnection.builder(DB.conninfo()).onOpen(connection -> execute(connection, "no SQL")));
        assertThat(state(manager::acquire)).isEqualTo("08001");
        assertThat(count("pgmanaged.openings.failed")).isEqualTo(1);
        assertThat(timer("create_time").count()).isZero();
        assertThat(timer("wait_time").count()).isZero();
        assertThat(timer("use_time").count()).isZero();
    }

    @Test
    void a_commit_without_an_answer_is_counted() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection manager = bound(ManagedConnection.builder(proxy.source()));
        assertThat(count("pgmanaged.commits.unknown")).isZero();
        Lease lease = manager.acquire();
        insert(lease, "a");
        proxy.cutAnswerTo("COMMIT");
        assertThat(state(lease::commit)).isEqualTo("08007");
        assertThat(state(lease::close)).isEqualTo("08007");
        assertThat(count("pgmanaged.commits.unknown")).isEqualTo(1);
    }

    @Test
    void the_timers_have_the_histograms_that_a_filter_asks_for() throws Exception {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        prometheus.config().meterFilter(new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                return DistributionStatisticConfig.builder()
                        .percentilesHistogram(true)
                        .serviceLevelObjectives(Duration.ofSeconds(7).toNanos() * 1.0)
                        .build()
                        .merge(config);
            }
        });
        ManagedConnection manager = DB.closing(
                ManagedConnection.builder(DB.conninfo()).name("books").build());
        DB.closing(new ManagedConnectionMetrics(manager)).bindTo(prometheus);
        manager.acquire().close();
        String text = prometheus.scrape();
        for (String name : List.of("create_time", "wait_time", "use_time")) {
            String bucket =
                    "db_client_connection_" + name + "_seconds_bucket{db_client_connection_pool_name=\"books\",le=";
            assertThat(text.lines().filter(line -> line.startsWith(bucket)))
                    .as(name)
                    .hasSizeGreaterThan(10)
                    .anyMatch(line -> line.startsWith(bucket + "\"7.0\"} 1"));
        }
    }

    @Test
    void no_meter_has_a_base_unit_that_would_become_a_part_of_its_name() {
        bound();
        assertThat(registry.getMeters())
                .filteredOn(meter -> meter.getId().getBaseUnit() != null)
                .allSatisfy(meter -> assertThat(meter.getId().getBaseUnit()).isEqualTo("seconds"));
    }
}
