package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.ClosedPort;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.jdbc.health.DataSourceHealthIndicator;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** The health check {@code db}, in Boot's place. */
class HealthTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceHealthContributorAutoConfiguration.class,
                    PgmanagedAutoConfiguration.class,
                    PgmanagedHealthAutoConfiguration.class))
            .withPropertyValues("pgmanaged.conninfo=" + DB.conninfo(), "pgmanaged.health-timeout=1m");

    private static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofMinutes(1));
    }

    private static Health health(ApplicationContext context) {
        return context.getBean("dbHealthContributor", HealthIndicator.class).health();
    }

    @Test
    void it_has_the_name_of_boots_and_there_is_one() {
        runner.run(context -> {
            assertThat(context).hasSingleBean(HealthContributor.class).hasBean("dbHealthContributor");
            assertThat(context.getBean(HealthContributor.class)).isNotInstanceOf(DataSourceHealthIndicator.class);
            assertThat(health(context).getStatus()).isEqualTo(Status.UP);
        });
    }

    @Test
    void a_holder_without_a_name_is_named_by_its_number() {
        runner.run(context -> {
            ManagedConnection manager = context.getBean(ManagedConnection.class);
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(1);
            CompletableFuture<Boolean> over = new CompletableFuture<>();
            Thread holder = Elsewhere.start(task -> new Thread(task, ""), over, () -> {
                try (Lease lease = manager.acquire()) {
                    held.countDown();
                    done.await();
                    return lease.isClosed();
                }
            });
            held.await();
            assertThat(health(context).getDetails()).containsEntry("holder", "thread #" + holder.getId());
            done.countDown();
            assertThat(over.get()).isFalse();
        });
    }

    @Test
    void a_paused_manager_is_out_of_service_at_once() {
        runner.run(context -> {
            ManagedConnection manager = context.getBean(ManagedConnection.class);
            manager.open();
            for (Runnable pause : List.<Runnable>of(manager::pause, () -> manager.drain(Duration.ofMinutes(1)))) {
                pause.run();
                assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                assertThat(health(context).getDetails()).containsEntry("lease", "paused");
            }
            manager.resume();
            assertThat(health(context).getStatus()).isEqualTo(Status.UP);
        });
    }

    @Test
    void a_manager_that_is_closed_is_down() {
        runner.run(context -> {
            ManagedConnection manager = context.getBean(ManagedConnection.class);
            manager.open();
            manager.close();
            assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
        });
    }

    @Test
    void it_can_be_switched_off_like_boots() {
        runner.withPropertyValues("management.health.db.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(HealthContributor.class));
    }

    @Test
    void one_of_the_applications_own_stays() {
        HealthIndicator own = () -> Health.unknown().build();
        runner.withBean("dbHealthIndicator", HealthIndicator.class, () -> own)
                .run(context ->
                        assertThat(context.getBean(HealthContributor.class)).isSameAs(own));
    }

    @Test
    void beside_a_pool_each_has_its_own() {
        runner.withPropertyValues(
                        "pgmanaged.default-candidate=false", "spring.datasource.url=jdbc:postgresql://pool.invalid/a")
                .run(context -> {
                    assertThat(context).hasSingleBean(HikariDataSource.class);
                    CompositeHealthContributor both =
                            context.getBean("dbHealthContributor", CompositeHealthContributor.class);
                    assertThat(both.getContributor("dataSource")).isInstanceOf(DataSourceHealthIndicator.class);
                    try (Lease held = context.getBean(ManagedConnection.class).acquire()) {
                        HealthIndicator ours = (HealthIndicator) both.getContributor("pgmanagedDataSource");
                        assertThat(ours.health().getDetails()).containsEntry("lease", "held");
                        assertThat(held.isClosed()).isFalse();
                    }
                });
    }

    @Test
    void it_leaves_the_session_as_it_was() {
        runner.run(context -> {
            ManagedConnection manager = context.getBean(ManagedConnection.class);
            health(context);
            health(context);
            assertThat(manager.holder()).isEmpty();
            assertThat(manager.stats().rollbacks()).isZero();
            assertThat(manager.stats().opened()).isEqualTo(1);
            DB.awaitSessions(1);
        });
    }

    @Test
    void a_session_that_died_is_no_server_that_is_down() {
        runner.withPropertyValues("pgmanaged.validate-after-idle=1h").run(context -> {
            ManagedConnection manager = context.getBean(ManagedConnection.class);
            try (Lease lease = manager.acquire()) {
                int pid = TestDatabase.pid(lease);
                lease.close();
                DB.kill(pid);
            }
            assertThat(health(context).getStatus()).isEqualTo(Status.UP);
        });
    }

    @Test
    void a_server_that_is_not_there_is_down() throws Exception {
        int port = DB.closing(new ClosedPort()).port();
        runner.withPropertyValues("pgmanaged.conninfo=postgres://127.0.0.1:" + port + "/a")
                .run(context -> {
                    Health health = health(context);
                    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                    assertThat(health.getDetails().toString())
                            .contains("refused")
                            .contains("not reachable");
                });
    }

    @Test
    void a_server_that_says_nothing_is_down_within_the_time_of_the_check() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        proxy.refuseToListen();
        runner.withPropertyValues(
                        "pgmanaged.conninfo=" + through(proxy),
                        "pgmanaged.health-timeout=100ms",
                        "pgmanaged.acquire-timeout=10m",
                        "pgmanaged.release-timeout=100ms")
                .run(context -> {
                    for (int i = 0; i < 3; i++) { // the second and third find a question under way
                        Health health = health(context);
                        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                        assertThat(health.getDetails()).containsEntry("lease", "no answer within 100 ms");
                    }
                });
    }

    @Test
    void while_threads_wait_for_a_server_that_is_away_it_is_down_at_once_and_says_why() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        List<Future<?>> acquiring = new ArrayList<>();
        runner.withPropertyValues(
                        "pgmanaged.conninfo=" + through(proxy),
                        "pgmanaged.acquire-timeout=10m",
                        "pgmanaged.health-timeout=10m",
                        "pgmanaged.validate-after-idle=0s")
                .run(context -> {
                    ManagedConnection manager = context.getBean(ManagedConnection.class);
                    manager.open();
                    proxy.close();
                    for (int i = 0; i < 3; i++) {
                        acquiring.add(Elsewhere.run(() -> manager.acquire().close()));
                    }
                    await().until(() -> manager.stats().openingFailures() > 1
                            && manager.waiters().count() == 2);
                    for (int i = 0; i < 100; i++) { // in whichever state the opening is
                        Health health = health(context);
                        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                        assertThat(health.getDetails())
                                .containsEntry("lease", "not reachable")
                                .containsEntry("waiting", 2)
                                .containsEntry("sqlState", "08001")
                                .containsKeys("failures", "failingFor", "openedBy");
                        assertThat(health.getDetails().get("error").toString()).contains("refused");
                    }
                });
        for (Future<?> thread : acquiring) {
            assertThatThrownBy(() -> thread.get(1, TimeUnit.MINUTES)).hasMessageContaining("closed");
        }
    }

    @Test
    void while_a_thread_opens_the_first_session_nobody_knows_until_it_takes_too_long() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        proxy.refuseToListen();
        List<Future<?>> acquiring = new ArrayList<>();
        for (String timeout : List.of("10m", "100ms")) {
            runner.withPropertyValues(
                            "pgmanaged.conninfo=" + through(proxy),
                            "pgmanaged.acquire-timeout=10m",
                            "pgmanaged.release-timeout=100ms",
                            "pgmanaged.health-timeout=" + timeout)
                    .run(context -> {
                        ManagedConnection manager = context.getBean(ManagedConnection.class);
                        acquiring.add(Elsewhere.run(() -> manager.acquire().close()));
                        await().until(() -> manager.opening()
                                .filter(opening -> opening.lasting().toMillis() > 100)
                                .isPresent());
                        Health health = health(context);
                        if (timeout.equals("10m")) {
                            assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
                            assertThat(health.getDetails()).containsEntry("lease", "being opened");
                        } else {
                            assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                            assertThat(health.getDetails().get("lease").toString())
                                    .startsWith("no session within");
                        }
                        assertThat(health.getDetails()).containsEntry("openedBy", "elsewhere");
                    });
        }
        for (Future<?> thread : acquiring) {
            assertThatThrownBy(() -> thread.get(1, TimeUnit.MINUTES)).hasMessageContaining("closed");
        }
    }

    @Test
    void under_traffic_it_is_up_whichever_moment_it_looks_at() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Future<?>> traffic = new ArrayList<>();
        runner.run(context -> {
            ManagedConnection manager = context.getBean(ManagedConnection.class);
            manager.open();
            for (int i = 0; i < 3; i++) {
                traffic.add(Elsewhere.run(() -> {
                    while (!over.get()) {
                        manager.acquire().close();
                    }
                }));
            }
            for (int i = 0; i < 300; i++) {
                assertThat(health(context).getStatus()).isEqualTo(Status.UP);
            }
            over.set(true);
            for (Future<?> thread : traffic) {
                thread.get(1, TimeUnit.MINUTES);
            }
        });
    }

    private static String through(DeafProxy proxy) {
        return DB.conninfo().replaceAll("@[^/]+/", "@localhost:" + proxy.port() + "/");
    }

    @Test
    void a_thread_that_holds_the_lease_may_ask() {
        runner.run(context -> {
            try (Lease lease = context.getBean(ManagedConnection.class).acquire()) {
                assertThat(health(context).getDetails()).containsEntry("lease", "held");
                assertThat(lease.isClosed()).isFalse();
            }
        });
    }
}
