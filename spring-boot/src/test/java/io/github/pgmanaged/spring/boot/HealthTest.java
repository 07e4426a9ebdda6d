package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.TestDatabase;
import java.net.InetAddress;
import java.net.ServerSocket;
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
            assertThat(DB.sessions()).isEqualTo(1);
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
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        runner.withPropertyValues("pgmanaged.conninfo=postgres://localhost:" + port + "/a")
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
        String silent = DB.conninfo().replaceAll("@[^/]+/", "@localhost:" + proxy.port() + "/");
        runner.withPropertyValues(
                        "pgmanaged.conninfo=" + silent,
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
    void a_thread_that_holds_the_lease_may_ask() {
        runner.run(context -> {
            try (Lease lease = context.getBean(ManagedConnection.class).acquire()) {
                assertThat(health(context).getDetails()).containsEntry("lease", "held");
                assertThat(lease.isClosed()).isFalse();
            }
        });
    }
}
