package io.github.pgmanaged.micrometer;

import static io.github.pgmanaged.micrometer.ConnectionMeterConventions.hikariCp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import io.github.pgmanaged.testing.TestDatabase;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.noop.NoopTimer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Registries and managers in any number, bound and unbound while leases go on. */
@Timeout(120)
class BindingTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final ManagedConnection manager = manager("books");

    private static ManagedConnection manager(String name) {
        return DB.closing(ManagedConnection.builder(DB.conninfo()).name(name).build());
    }

    private static ManagedConnectionMetrics metrics(ManagedConnection manager) {
        return DB.closing(new ManagedConnectionMetrics(manager));
    }

    private static Timer uses(MeterRegistry registry, String pool) {
        return registry.get("db.client.connection.use_time")
                .tag("db.client.connection.pool.name", pool)
                .timer();
    }

    @Test
    void a_manager_is_bound_to_two_registries_and_counted_once_in_each() throws Exception {
        MeterRegistry other = new SimpleMeterRegistry();
        ManagedConnectionMetrics metrics = metrics(manager);
        metrics.bindTo(registry);
        manager.acquire().close();
        metrics.bindTo(other);
        manager.acquire().close();
        assertThat(uses(registry, "books").count()).isEqualTo(2);
        assertThat(uses(other, "books").count()).as("since it was bound").isEqualTo(1);
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
        assertThat(other.getMeters()).isEmpty();
    }

    @Test
    void two_managers_in_one_registry_are_told_apart_by_their_names() throws Exception {
        ManagedConnection films = manager("films");
        ManagedConnectionMetrics ofBooks = metrics(manager);
        ofBooks.bindTo(registry);
        metrics(films).bindTo(registry);
        manager.acquire().close();
        films.acquire().close();
        films.acquire().close();
        assertThat(uses(registry, "books").count()).isEqualTo(1);
        assertThat(uses(registry, "films").count()).isEqualTo(2);
        ofBooks.close();
        assertThat(registry.getMeters())
                .isNotEmpty()
                .allMatch(meter -> "films".equals(meter.getId().getTag("db.client.connection.pool.name")));
        films.acquire().close();
        assertThat(uses(registry, "films").count()).isEqualTo(3);
    }

    @Test
    void to_bind_it_again_does_nothing() throws Exception {
        ManagedConnectionMetrics metrics = metrics(manager);
        try (LogCapture log = new LogCapture()) {
            metrics.bindTo(registry);
            int meters = registry.getMeters().size();
            metrics.bindTo(registry);
            assertThat(registry.getMeters()).hasSize(meters);
            manager.acquire().close();
            assertThat(uses(registry, "books").count()).isEqualTo(1);
            assertThat(log.warnings()).isEmpty();
        }
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void a_second_binder_leaves_the_meters_to_the_first_and_says_so() throws Exception {
        metrics(manager).bindTo(registry);
        int meters = registry.getMeters().size();
        ManagedConnectionMetrics second = metrics(manager);
        ManagedConnection sameName = manager("books");
        ManagedConnectionMetrics third = metrics(sameName);
        try (LogCapture log = new LogCapture()) {
            second.bindTo(registry);
            third.bindTo(registry);
            Awaitility.await().atMost(PATIENCE).until(() -> log.at(Level.WARN).size() == 2);
            assertThat(log.warnings())
                    .allSatisfy(text -> assertThat(text)
                            .contains("\"books\"", "db.client.connection.use_time", "pgmanaged.rollbacks"));
        }
        manager.acquire().close();
        sameName.acquire().close();
        assertThat(uses(registry, "books").count()).isEqualTo(1);
        second.close();
        third.close();
        assertThat(registry.getMeters()).hasSize(meters);
    }

    @Test
    void both_conventions_can_be_had_at_once() throws Exception {
        metrics(manager).bindTo(registry);
        ManagedConnectionMetrics theirs = DB.closing(new ManagedConnectionMetrics(manager, hikariCp()));
        theirs.bindTo(registry);
        manager.acquire().close();
        assertThat(uses(registry, "books").count()).isEqualTo(1);
        assertThat(registry.get("hikaricp.connections.usage").timer().count()).isEqualTo(1);
        theirs.close();
        assertThat(registry.getMeters())
                .isNotEmpty()
                .allMatch(meter -> meter.getId().getTag("pool") == null);
    }

    @Test
    void closing_it_while_leases_run_disturbs_none_and_leaves_nothing() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<CompletableFuture<Void>> workers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            workers.add(Elsewhere.run(() -> {
                while (!over.get()) {
                    manager.acquire().close();
                }
            }));
        }
        ManagedConnectionMetrics metrics = metrics(manager);
        for (int i = 0; i < 20; i++) {
            metrics.bindTo(registry);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(10))
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> uses(registry, "books").count() > 10);
            metrics.close();
            assertThat(registry.getMeters()).isEmpty();
        }
        over.set(true);
        for (CompletableFuture<Void> worker : workers) {
            worker.get();
        }
    }

    @Test
    void after_it_is_closed_nothing_listens() throws Exception {
        ManagedConnectionMetrics metrics = metrics(manager);
        metrics.bindTo(registry);
        Timer uses = uses(registry, "books");
        try (Lease lease = manager.acquire()) {
            metrics.close();
            metrics.close();
        }
        assertThat(uses.count()).isZero();
        metrics.bindTo(registry);
        manager.acquire().close();
        assertThat(uses(registry, "books").count()).as("bound again").isEqualTo(1);
    }

    @Test
    void a_closed_manager_shows_no_session_and_keeps_its_counts_until_the_metrics_are_closed() throws Exception {
        ManagedConnectionMetrics metrics = metrics(manager);
        metrics.bindTo(registry);
        manager.acquire().close();
        manager.close();
        assertThat(registry.get("db.client.connection.count").gauges())
                .hasSize(2)
                .allSatisfy(gauge -> assertThat(gauge.value()).isZero());
        assertThat(uses(registry, "books").count()).isEqualTo(1);
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
        metrics.bindTo(registry);
        assertThat(registry.get("pgmanaged.leases").functionCounter().count())
                .as("what its statistics count")
                .isEqualTo(1);
    }

    @Test
    void it_works_through_a_composite_registry() throws Exception {
        CompositeMeterRegistry composite = new CompositeMeterRegistry();
        ManagedConnectionMetrics metrics = metrics(manager);
        metrics.bindTo(composite);
        composite.add(registry);
        manager.acquire().close();
        assertThat(uses(registry, "books").count()).isEqualTo(1);
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void meters_that_a_filter_denies_or_renames_stay_out_of_the_way() throws Exception {
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("db.client"))
                .meterFilter(MeterFilter.replaceTagValues("db.client.connection.pool.name", pool -> "all"));
        metrics(manager).bindTo(registry);
        manager.acquire().close();
        assertThat(registry.getMeters())
                .isNotEmpty()
                .allMatch(meter -> meter.getId().getName().startsWith("pgmanaged."))
                .allMatch(meter -> "all".equals(meter.getId().getTag("db.client.connection.pool.name")));
    }

    @Test
    void a_registry_that_throws_gets_in_nobodys_way() throws Exception {
        MeterRegistry throwing = new SimpleMeterRegistry() {
            @Override
            protected Timer newTimer(Meter.Id id, DistributionStatisticConfig config, PauseDetector pauses) {
                return new NoopTimer(id) {
                    @Override
                    public void record(long amount, TimeUnit unit) {
                        throw new StackOverflowError("of the registry");
                    }
                };
            }
        };
        ManagedConnectionMetrics metrics = metrics(manager);
        metrics.bindTo(throwing);
        metrics.bindTo(registry);
        assertThat(manager.<String, RuntimeException>withConnection(lease -> {
                    String answer = TestDatabase.query(lease, "SELECT 'well'");
                    lease.commit();
                    return answer;
                }))
                .isEqualTo("well");
        assertThat(uses(registry, "books").count()).as("others are told").isEqualTo(1);
        assertThat(registry.get("db.client.connection.create_time").timer().count())
                .isEqualTo(1);
    }

    @Test
    void one_that_cannot_be_registered_leaves_nothing_behind() {
        MeterRegistry full = new SimpleMeterRegistry() {
            @Override
            protected Timer newTimer(Meter.Id id, DistributionStatisticConfig config, PauseDetector pauses) {
                throw new IllegalStateException("full");
            }
        };
        ManagedConnectionMetrics metrics = metrics(manager);
        assertThat(catchThrowable(() -> metrics.bindTo(full))).hasMessage("full");
        assertThat(full.getMeters()).isEmpty();
    }

    @Test
    void the_binder_need_not_be_kept_for_the_gauges_to_go_on() throws Exception {
        WeakReference<ManagedConnectionMetrics> dropped = bindAndDrop();
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> {
            System.gc();
            return dropped.get() == null;
        });
        try (Lease lease = manager.acquire()) {
            assertThat(registry.get("db.client.connection.count")
                            .tag("db.client.connection.state", "used")
                            .gauge()
                            .value())
                    .isEqualTo(1);
        }
        assertThat(uses(registry, "books").count()).isEqualTo(1);
    }

    private WeakReference<ManagedConnectionMetrics> bindAndDrop() {
        ManagedConnectionMetrics metrics = new ManagedConnectionMetrics(manager);
        metrics.bindTo(registry);
        return new WeakReference<>(metrics);
    }

    @Test
    void a_registry_does_not_keep_a_manager_that_was_dropped() {
        WeakReference<ManagedConnection> dropped = makeAndDrop();
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> {
            System.gc();
            return dropped.get() == null;
        });
        assertThat(registry.getMeters()).isNotEmpty();
    }

    private WeakReference<ManagedConnection> makeAndDrop() {
        ManagedConnection forgotten = ManagedConnection.of(DB.conninfo());
        new ManagedConnectionMetrics(forgotten).bindTo(registry);
        return new WeakReference<>(forgotten);
    }

    @Test
    void a_manager_without_a_name_is_called_after_its_connection_string_without_the_password() throws Exception {
        ManagedConnection nameless = DB.closing(
                ManagedConnection.of("postgres://alice:hunter2@db.example.com:5433/books?application_name=a"));
        metrics(nameless).bindTo(registry);
        metrics(DB.closing(ManagedConnection.builder(DB.pgjdbcSource()).build()))
                .bindTo(registry);
        assertThat(registry.get("pgmanaged.leases").functionCounters())
                .extracting(counter -> counter.getId().getTag("db.client.connection.pool.name"))
                .hasSize(2)
                .contains("PGSimpleDataSource")
                .anySatisfy(pool -> assertThat(pool).contains("db.example.com:5433/books"))
                .noneSatisfy(pool -> assertThat(pool).contains("hunter2"));
    }
}
