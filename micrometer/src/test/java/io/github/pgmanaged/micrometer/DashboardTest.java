package io.github.pgmanaged.micrometer;

import static io.github.pgmanaged.testing.TestDatabase.insert;
import static io.github.pgmanaged.testing.TestDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpServer;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestDatabase;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard and the alerts in docs/: a real Prometheus scrapes a manager to which everything has happened, and
 * answers each of their queries.
 */
@Timeout(900)
class DashboardTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private static final Path ALERTS = Path.of("..", "docs", "prometheus-alerts.yml");
    private static final Pattern OURS = Pattern.compile("\\b(pgmanaged|db_client_connection)_\\w+");
    private static final Pattern BOUND = Pattern.compile("> [0-9.]+");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicBoolean refusing = new AtomicBoolean();

    /** A manager with histograms, as the docs say how to have them. */
    private ManagedConnection bound(DeafProxy proxy) throws SQLException {
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                return DistributionStatisticConfig.builder()
                        .percentilesHistogram(true)
                        .expiry(Duration.ofHours(1)) // the longest is still known when it is asked for
                        .build()
                        .merge(config);
            }
        });
        ManagedConnection manager = DB.closing(ManagedConnection.builder(proxy.source())
                .name("books")
                .maxWaiting(1)
                .validateAfterIdle(Duration.ZERO)
                .releaseTimeout(Duration.ofSeconds(2)) // then a lease is taken back whose thread has ended
                .onOpen(connection -> {
                    if (refusing.get()) {
                        throw new SQLException("not now", "58000");
                    }
                })
                .build());
        DB.closing(new ManagedConnectionMetrics(manager)).bindTo(registry);
        return manager;
    }

    private HttpServer endpoint() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            byte[] text = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, text.length);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(text);
            }
        });
        server.start();
        DB.closing(() -> server.stop(0));
        return server;
    }

    @Test
    void each_query_of_the_dashboard_and_of_the_alerts_has_an_answer() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection manager = bound(proxy);
        Dashboard dashboard = new Dashboard();
        try (Prometheus prometheus =
                Prometheus.start(folder, endpoint().getAddress().getPort(), ALERTS)) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> !prometheus.query("pgmanaged_leases_total").isEmpty());
            play(manager, proxy);
            CompletableFuture<Void> waiter;
            try (Lease held = manager.acquire()) {
                waiter = crowd(manager);
                List<Dashboard.Query> unanswered = new ArrayList<>(dashboard.queries());
                prometheus
                        .rules()
                        .map(rule -> BOUND.matcher(rule).replaceAll("> 0"))
                        .forEach(rule -> unanswered.add(new Dashboard.Query("an alert", rule)));
                assertThat(unanswered).hasSizeGreaterThan(25);
                assertThat(unanswered).noneMatch(query -> query.expression().contains("$"));
                Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
                    unanswered.removeIf(query ->
                            prometheus.query(query.expression()).stream().anyMatch(sample -> sample.value() > 0));
                    assertThat(unanswered).isEmpty();
                });
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> prometheus
                                .firing()
                                .containsAll(List.of(
                                        "PgmanagedCommitUnknown",
                                        "PgmanagedAcquireTimeouts",
                                        "PgmanagedTransactionLeftOpen",
                                        "PgmanagedLeaseAbandoned")));
                assertThat(prometheus.labelValues(
                                dashboard.poolsFrom().group(1),
                                dashboard.poolsFrom().group(2)))
                        .containsExactly("books");
            }
            waiter.get();
        }
    }

    /** All that can happen to a manager that nobody has to wait for. */
    private void play(ManagedConnection manager, DeafProxy proxy) throws Exception {
        refusing.set(true);
        assertThat(state(manager::acquire)).isEqualTo("08001");
        refusing.set(false);
        Lease forgotten = manager.acquire();
        insert(forgotten, "a");
        assertThat(state(forgotten::close)).isEqualTo("25000");
        assertThat(catchThrowable(() -> manager.useTransaction(work -> {
                    insert(work, "a");
                    throw new IllegalStateException("of the work");
                })))
                .isInstanceOf(IllegalStateException.class);
        DB.kill(manager.<Integer, RuntimeException>withConnection(TestDatabase::pid));
        manager.acquire();
        assertThat(manager.revoke("long enough")).isTrue();
        Lease committing = manager.acquire();
        insert(committing, "b");
        proxy.cutAnswerTo("COMMIT");
        assertThat(state(committing::commit)).isEqualTo("08007");
        assertThat(state(committing::close)).isEqualTo("08007");
        Elsewhere.callToTheEnd(manager::acquire);
        manager.acquire().close();
    }

    /** What happens to others while the lease is held: the one that waits at the end is returned. */
    private static CompletableFuture<Void> crowd(ManagedConnection manager) throws Exception {
        Elsewhere.run(() -> state(() -> manager.acquire(Duration.ofMillis(100))))
                .get();
        Elsewhere.run(() -> {
                    Thread.currentThread().interrupt();
                    state(manager::acquire);
                    Thread.interrupted();
                })
                .get();
        CompletableFuture<Void> waiter =
                Elsewhere.run(() -> manager.acquire(Duration.ofHours(1)).close());
        Awaitility.await().atMost(PATIENCE).until(() -> manager.waiters().count() == 1);
        Elsewhere.run(() -> state(manager::acquire)).get();
        return waiter;
    }

    @Test
    void the_dashboard_and_the_alerts_ask_for_metrics_that_there_are() throws Exception {
        ManagedConnection manager = bound(DB.closing(new DeafProxy(DB.pgjdbcSource())));
        manager.acquire().close();
        Set<String> known = names(registry.scrape());
        Stream<String> asked = Stream.concat(
                new Dashboard().queries().stream().map(Dashboard.Query::expression),
                Files.lines(ALERTS).filter(line -> line.contains("expr:")));
        assertThat(asked).allSatisfy(expression -> assertThat(known).containsAll(names(expression)));
    }

    private static Set<String> names(String text) {
        return OURS.matcher(text).results().map(found -> found.group()).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void each_panel_says_what_it_shows_and_each_metric_of_ours_is_shown() throws Exception {
        bound(DB.closing(new DeafProxy(DB.pgjdbcSource())));
        Dashboard dashboard = new Dashboard();
        assertThat(dashboard.panels()).hasSizeGreaterThan(15).allSatisfy(panel -> {
            assertThat(panel.get("description").asText()).isNotBlank();
            assertThat(panel.get("targets")).isNotEmpty();
        });
        Set<String> shown = dashboard.queries().stream()
                .flatMap(query -> names(query.expression()).stream())
                .collect(Collectors.toSet());
        List<String> counted = registry.getMeters().stream()
                .map(meter -> registry.config()
                        .namingConvention()
                        .name(meter.getId().getName(), meter.getId().getType()))
                .filter(name -> name.startsWith("pgmanaged_"))
                .distinct()
                .toList();
        assertThat(counted)
                .hasSizeGreaterThan(12)
                .allMatch(name -> shown.stream().anyMatch(metric -> metric.startsWith(name)));
    }
}
