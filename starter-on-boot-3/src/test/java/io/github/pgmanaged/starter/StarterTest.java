package io.github.pgmanaged.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.micrometer.ManagedConnectionMetrics;
import io.github.pgmanaged.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.ClassUtils;

/** An application of Boot 3.5 that has the starter, with what Boot's BOM makes of its dependencies. */
@ExtendWith(OutputCaptureExtension.class)
class StarterTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static ConfigurableApplicationContext context;
    private static String saidAtStart;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @BeforeAll
    static void start(CapturedOutput output) {
        context = new SpringApplicationBuilder(Application.class)
                .properties(
                        "server.port=0",
                        "spring.application.name=orders",
                        "pgmanaged.conninfo=" + DB.conninfo(),
                        "pgmanaged.acquire-timeout=10m",
                        "pgmanaged.health-timeout=1m",
                        "management.endpoints.web.exposure.include=*",
                        "management.endpoint.health.show-details=always")
                .run();
        saidAtStart = output.getAll();
    }

    @AfterAll
    static void stop() {
        ManagedConnection manager = context.getBean(ManagedConnection.class);
        context.close();
        assertThat(manager.isOpen()).isFalse();
    }

    @Test
    void nothing_of_boot_4_comes_with_it() {
        assertThat(SpringBootVersion.getVersion()).startsWith("3.5.");
        for (String only4 : new String[] {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.health.contributor.Health",
            "io.micrometer.core.instrument.binder.MeterConvention"
        }) {
            assertThat(ClassUtils.isPresent(only4, getClass().getClassLoader()))
                    .as(only4)
                    .isFalse();
        }
    }

    @Test
    void it_starts_without_a_complaint() {
        assertThat(saidAtStart).contains("Started").doesNotContain("ERROR", "WARN", "NoClassDefFoundError");
    }

    @Test
    void the_data_source_is_the_managers() throws Exception {
        assertThat(context.getBean(DataSource.class).unwrap(ManagedConnection.class))
                .isSameAs(context.getBean(ManagedConnection.class));
        context.getBean(JdbcTemplate.class).update("INSERT INTO example VALUES ('a', 'b')");
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void the_health_check_and_the_metrics_of_a_pool_show_the_lease() throws Exception {
        assertThat(get("/actuator/health/db")).contains("\"status\":\"UP\"", "\"lease\":\"free\"");
        try (Lease lease = context.getBean(ManagedConnection.class).acquire()) {
            assertThat(get("/actuator/health/db")).contains("\"status\":\"UP\"", "\"lease\":\"held\"");
            assertThat(get("/actuator/metrics/jdbc.connections.active")).contains("\"value\":1.0");
            assertThat(lease.isClosed()).isFalse();
        }
        assertThat(get("/actuator/metrics/jdbc.connections.active")).contains("\"value\":0.0");
        assertThat(get("/actuator/metrics/jdbc.connections.max")).contains("\"value\":1.0");
    }

    @Test
    void the_meters_that_need_a_newer_micrometer_are_off() throws Exception {
        assertThat(context.getBeanNamesForType(ManagedConnectionMetrics.class)).isEmpty();
        assertThat(context.containsBean("pgmanagedMeters")).isFalse();
        assertThat(get("/actuator/metrics")).contains("jdbc.connections.active").doesNotContain("db.client.connection");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Beside {
        @Bean
        JdbcClient jobs(@Qualifier("pgmanagedDataSource") DataSource source) {
            return JdbcClient.create(source);
        }
    }

    private ApplicationContextRunner beside() throws Exception {
        return new ApplicationContextRunner()
                .withUserConfiguration(Beside.class)
                .withPropertyValues(
                        "pgmanaged.conninfo=" + DB.conninfo(),
                        "pgmanaged.name=beside",
                        "pgmanaged.default-candidate=false",
                        "spring.datasource.url=" + DB.pgjdbcSource().getURL(),
                        "spring.datasource.username=" + DB.pgjdbcSource().getUser(),
                        "spring.datasource.hikari.maximum-pool-size=2");
    }

    @Test
    void with_a_pool_on_the_class_path_it_can_stand_beside_one() throws Exception {
        beside().run(both -> {
            String name = "SELECT current_setting('application_name')";
            assertThat(both.getBean(DataSource.class)).isInstanceOf(HikariDataSource.class);
            assertThat(both.getBean(JdbcTemplate.class).queryForObject(name, String.class))
                    .isNotEqualTo("beside");
            assertThat(both.getBean("jobs", JdbcClient.class)
                            .sql(name)
                            .query(String.class)
                            .single())
                    .isEqualTo("beside");
        });
    }

    @Test
    void the_starter_brings_no_pool_so_that_beside_needs_one() throws Exception {
        beside().withClassLoader(new FilteredClassLoader("com.zaxxer.hikari"))
                .run(none -> assertThat(none.containsBean("dataSource")).isFalse());
    }

    private static String get(String path) throws Exception {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        HttpRequest get = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .timeout(Duration.ofMinutes(1))
                .build();
        return HTTP.send(get, HttpResponse.BodyHandlers.ofString()).body();
    }
}
