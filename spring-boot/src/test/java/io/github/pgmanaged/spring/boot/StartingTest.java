package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.ClosedPort;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;

/** What an application that does not start says. */
@ExtendWith(OutputCaptureExtension.class)
class StartingTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({PgmanagedAutoConfiguration.class, PgmanagedLifecycleAutoConfiguration.class})
    static class Plain {}

    private static ConfigurableApplicationContext run(Class<?> application, String conninfo, String... properties) {
        return DB.closing(new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .properties("pgmanaged.conninfo=" + conninfo, "spring.main.banner-mode=off")
                .properties(properties)
                .run());
    }

    private static void fails(Class<?> application, String conninfo, String... properties) {
        assertThatThrownBy(() -> run(application, conninfo, properties)).isNotNull();
    }

    @Test
    void a_string_that_cannot_be_read(CapturedOutput output) {
        fails(Plain.class, "postgres://user:s3cret@localhost/a?sslmod=require");
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "sslmod", "Correct pgmanaged.conninfo")
                .doesNotContain("s3cret");
    }

    @Test
    void a_server_that_is_not_there(CapturedOutput output) throws Exception {
        fails(Plain.class, nowhere(), "pgmanaged.open-within=0s");
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "could not be opened", "refused", "pgmanaged.open-within");
    }

    @Test
    void a_database_that_is_not_there(CapturedOutput output) {
        String elsewhere = DB.conninfo().replaceAll("test_[0-9a-f]+", "not_there");
        fails(Plain.class, elsewhere, "pgmanaged.open-within=1m");
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "\"not_there\" does not exist", "Create the database");
    }

    @Test
    void without_open_within_a_server_need_not_be_there() throws Exception {
        assertThat(run(Plain.class, nowhere()).getBean(ManagedConnection.class).isOpen())
                .isFalse();
    }

    @Test
    void with_open_within_the_session_is_open_when_the_application_is() {
        assertThat(run(Plain.class, DB.conninfo(), "pgmanaged.open-within=1m")
                        .getBean(ManagedConnection.class)
                        .isOpen())
                .isTrue();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({PgmanagedAutoConfiguration.class, DataSourceAutoConfiguration.class})
    static class WithBootsPool {}

    @Configuration(proxyBeanMethods = false)
    @Import(Plain.class)
    static class WantsJdbc {
        @Bean
        String wants(JdbcTemplate jdbc) {
            return jdbc.toString();
        }
    }

    @Test
    void an_application_that_nobody_has_told_where_its_server_is(CapturedOutput output) {
        for (Class<?> application : List.of(WithBootsPool.class, WantsJdbc.class)) {
            int before = output.getAll().length();
            assertThatThrownBy(() -> new SpringApplicationBuilder(application)
                            .web(WebApplicationType.NONE)
                            .properties("spring.main.banner-mode=off")
                            .run())
                    .isNotNull();
            assertThat(output.getAll().substring(before))
                    .contains("APPLICATION FAILED TO START", "pgmanaged.conninfo is not set")
                    .contains("Set pgmanaged.conninfo: a libpq connection string");
        }
    }

    @Test
    void an_application_that_misses_something_else_or_wants_a_pool_hears_of_that(CapturedOutput output) {
        assertThatThrownBy(() -> new SpringApplicationBuilder(WithBootsPool.class)
                        .web(WebApplicationType.NONE)
                        .properties("spring.main.banner-mode=off", "pgmanaged.default-candidate=false")
                        .run())
                .isNotNull();
        fails(WantsJdbc.class, "postgres://localhost/orders"); // its JdbcTemplate is not configured here
        assertThat(output.getAll()).contains("APPLICATION FAILED TO START").doesNotContain("Set pgmanaged.conninfo");
    }

    @Configuration(proxyBeanMethods = false)
    @Import(Plain.class)
    static class WantsTwo {
        @Bean
        InitializingBean wants(DataSource source) {
            return () -> {
                try (Connection one = source.getConnection();
                        Connection two = source.getConnection()) {
                    throw new AssertionError("two connections: " + one + " and " + two);
                }
            };
        }
    }

    @Test
    void code_that_wants_two_connections(CapturedOutput output) {
        fails(WantsTwo.class, DB.conninfo());
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "wanted another", "holds the lease", "give it up first");
    }

    @Configuration(proxyBeanMethods = false)
    @Import(Plain.class)
    static class WaitsForItself {
        /** Holds the lease, and waits for another thread that wants it. */
        @Bean
        InitializingBean waits(ManagedConnection manager) {
            return () -> {
                try (Lease lease = manager.acquire(Duration.ofMinutes(1))) { // the session may take its time to open
                    Elsewhere.run(() -> manager.acquire().close()).get();
                    throw new AssertionError("two leases: " + lease);
                } catch (ExecutionException e) {
                    throw new SQLException(e.getCause());
                }
            };
        }
    }

    @Test
    void start_up_that_waits_for_itself(CapturedOutput output) {
        fails(WaitsForItself.class, DB.conninfo(), "pgmanaged.acquire-timeout=100ms");
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "did not become free in time", "pgmanaged.acquire-timeout");
    }

    private static String nowhere() throws Exception {
        return "postgres://127.0.0.1:" + DB.closing(new ClosedPort()).port() + "/orders";
    }
}
