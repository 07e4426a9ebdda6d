package io.github.pgmanaged.spring.boot3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.ClosedPort;
import io.github.pgmanaged.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.health.CompositeHealthContributor;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.actuate.jdbc.DataSourceHealthIndicator;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** An application of Boot 3.5: what is elsewhere there works as on Boot 4. */
@ExtendWith(OutputCaptureExtension.class)
class Boot3Test {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static ConfigurableApplicationContext context;
    private static ManagedConnection manager;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @BeforeAll
    static void start() {
        context = new SpringApplicationBuilder(Application.class)
                .properties(
                        "server.port=0",
                        "spring.main.banner-mode=off",
                        "pgmanaged.conninfo=" + DB.conninfo(),
                        "pgmanaged.acquire-timeout=10m",
                        "pgmanaged.health-timeout=1m",
                        "management.endpoints.web.exposure.include=*",
                        "management.endpoint.health.show-details=always",
                        "management.endpoint.configprops.show-values=always")
                .run();
        manager = context.getBean(ManagedConnection.class);
    }

    @AfterAll
    static void stop() throws Exception {
        context.close();
        assertThat(manager.isOpen()).isFalse();
        assertThatThrownBy(manager::acquire).hasMessageContaining("closed");
    }

    @Test
    void this_is_boot_3() {
        assertThat(SpringBootVersion.getVersion()).startsWith("3.5.");
    }

    @Test
    void the_data_source_is_the_managers() throws Exception {
        assertThat(context.getBean(DataSource.class).unwrap(ManagedConnection.class))
                .isSameAs(manager);
        context.getBean(JdbcTemplate.class).update("INSERT INTO example VALUES ('a', 'b')");
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void the_health_check_waits_for_no_holder() throws Exception {
        assertThat(get("/actuator/health/db")).contains("\"status\":\"UP\"", "\"lease\":\"free\"");
        try (Lease lease = manager.acquire()) {
            assertThat(get("/actuator/health")).contains("\"lease\":\"held\"", "\"status\":\"UP\"");
            assertThat(get("/actuator/metrics/jdbc.connections.active")).contains("\"value\":1.0");
            assertThat(lease.isClosed()).isFalse();
        }
        assertThat(get("/actuator/metrics/jdbc.connections.active")).contains("\"value\":0.0");
    }

    @Test
    void the_actuator_shows_no_connection_string() throws Exception {
        assertThat(get("/actuator/configprops")).contains("pgmanaged").doesNotContain(DB.conninfo());
    }

    @Test
    void a_transaction_inside_another_fails_at_once_and_says_what_to_do() {
        TransactionTemplate outer = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        TransactionTemplate inner = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        assertThatThrownBy(() -> outer.executeWithoutResult(status -> inner.executeWithoutResult(again -> {})))
                .rootCause()
                .hasMessageContaining("REQUIRES_NEW");
    }

    @Test
    void it_stops_and_starts_again() throws Exception {
        manager.open();
        context.stop();
        assertThat(manager.isOpen()).isFalse();
        context.start();
        context.getBean(JdbcTemplate.class).update("INSERT INTO example VALUES ('after', 'start')");
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void a_string_that_cannot_be_read(CapturedOutput output) {
        assertThatThrownBy(() -> new SpringApplicationBuilder(Application.class)
                        .web(WebApplicationType.NONE)
                        .properties("pgmanaged.conninfo=postgres://localhost/a?sslmod=require")
                        .run())
                .isNotNull();
        assertThat(output.getAll()).contains("APPLICATION FAILED TO START", "Correct pgmanaged.conninfo");
    }

    @Test
    void the_server_may_come_from_connection_details() {
        new ApplicationContextRunner()
                .withUserConfiguration(Application.class)
                .withBean(JdbcConnectionDetails.class, () -> details("jdbc:postgresql://container:5432/test"))
                .run(other -> {
                    assertThat(other).hasSingleBean(DataSource.class);
                    assertThat(other.getBean(ManagedConnection.class).toString())
                            .contains("container:5432/test");
                });
    }

    @Test
    void connection_details_of_another_database_are_the_pools() {
        new ApplicationContextRunner()
                .withUserConfiguration(Application.class)
                .withBean(JdbcConnectionDetails.class, () -> details("jdbc:mysql://container:3306/test"))
                .run(other -> assertThat(other)
                        .hasNotFailed()
                        .hasSingleBean(HikariDataSource.class)
                        .doesNotHaveBean(ManagedConnection.class));
    }

    @Test
    void two_connection_details_are_nobodys() {
        new ApplicationContextRunner()
                .withUserConfiguration(Application.class)
                .withPropertyValues("pgmanaged.conninfo=postgres://nowhere.invalid/orders")
                .withBean("one", JdbcConnectionDetails.class, () -> details("jdbc:postgresql://one:5432/test"))
                .withBean("two", JdbcConnectionDetails.class, () -> details("jdbc:postgresql://two:5432/test"))
                .run(other -> assertThat(other.getBean(ManagedConnection.class).toString())
                        .contains("nowhere.invalid"));
    }

    @Test
    void a_server_that_is_not_there_is_down() throws Exception {
        int port = DB.closing(new ClosedPort()).port();
        new ApplicationContextRunner()
                .withUserConfiguration(Application.class)
                .withPropertyValues("pgmanaged.conninfo=postgres://127.0.0.1:" + port + "/a")
                .run(other -> {
                    Health health = other.getBean("dbHealthContributor", HealthIndicator.class)
                            .health();
                    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                    assertThat(health.getDetails()).containsEntry("lease", "not reachable");
                });
    }

    @Test
    void beside_a_pool_each_has_a_health_check_of_its_own() {
        new ApplicationContextRunner()
                .withUserConfiguration(Application.class)
                .withPropertyValues(
                        "pgmanaged.conninfo=" + DB.conninfo(),
                        "pgmanaged.default-candidate=false",
                        "spring.datasource.url=jdbc:postgresql://pool.invalid/a")
                .run(other -> {
                    assertThat(other.getBeansOfType(DataSource.class))
                            .containsOnlyKeys("dataSource", "pgmanagedDataSource");
                    CompositeHealthContributor both =
                            other.getBean("dbHealthContributor", CompositeHealthContributor.class);
                    assertThat(both.getContributor("dataSource")).isInstanceOf(DataSourceHealthIndicator.class);
                    assertThat(((HealthIndicator) both.getContributor("pgmanagedDataSource"))
                                    .health()
                                    .getDetails())
                            .containsAllEntriesOf(Map.of("lease", "free", "database", "PostgreSQL"));
                });
    }

    private static JdbcConnectionDetails details(String url) {
        return new JdbcConnectionDetails() {
            @Override
            public String getUsername() {
                return "tester";
            }

            @Override
            public String getPassword() {
                return "s3cret";
            }

            @Override
            public String getJdbcUrl() {
                return url;
            }

            /** One that there is here; nothing is connected. */
            @Override
            public String getDriverClassName() {
                return "org.postgresql.Driver";
            }
        };
    }

    private static String get(String path) throws Exception {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        HttpRequest get = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .timeout(Duration.ofMinutes(1))
                .build();
        return HTTP.send(get, HttpResponse.BodyHandlers.ofString()).body();
    }
}
