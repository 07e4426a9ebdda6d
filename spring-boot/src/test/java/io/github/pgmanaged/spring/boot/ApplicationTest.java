package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ReentrantAcquireException;
import io.github.pgmanaged.testing.LogCapture;
import io.github.pgmanaged.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** An application on a real server, over HTTP. It waits for the lease for so long that no test sees a timeout. */
class ApplicationTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static ConfigurableApplicationContext context;
    private static ManagedConnection manager;

    @BeforeAll
    static void start() {
        context = new SpringApplicationBuilder(OrdersApplication.class)
                .properties(
                        "server.port=0",
                        "spring.application.name=orders",
                        "spring.main.banner-mode=off",
                        "pgmanaged.conninfo=" + DB.conninfo(),
                        "pgmanaged.acquire-timeout=10m",
                        "pgmanaged.health-timeout=1m",
                        "management.endpoints.web.exposure.include=*",
                        "management.endpoint.health.show-details=always",
                        "management.endpoint.configprops.show-values=always",
                        "management.endpoint.env.show-values=always")
                .run();
        manager = context.getBean(ManagedConnection.class);
    }

    @AfterAll
    static void stop() {
        assertThat(SpringApplication.exit(context)).isZero();
        assertThatThrownBy(manager::acquire).hasMessageContaining("closed");
    }

    private static OrdersApplication.Orders orders() {
        return context.getBean(OrdersApplication.Orders.class);
    }

    // --- what an application does ---------------------------------------------------------------------------------

    @Test
    void a_request_works_in_a_transaction_on_the_one_connection() throws Exception {
        assertThat(post("/orders/first").body()).isEqualTo("placed first");
        assertThat(post("/orders/second").body()).isEqualTo("placed second");
        assertThat(get("/orders").body()).isEqualTo("2");
        assertThat(DB.query("SELECT string_agg(DISTINCT application_name, ',') FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        + " AND backend_type = 'client backend'"))
                .isEqualTo("orders");
        DB.awaitSessions(1);
    }

    @Test
    void an_exception_rolls_back() throws Exception {
        assertThatThrownBy(() -> orders().placeAndFail("lost")).isInstanceOf(IllegalStateException.class);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_nested_transaction_is_a_savepoint() throws Exception {
        orders().placeInSpiteOfASavepoint("kept");
        assertThat(DB.query("SELECT string_agg(key, ',') FROM example")).isEqualTo("kept");
    }

    @Test
    void a_transaction_inside_another_fails_at_once_and_says_what_to_do() throws Exception {
        assertThatThrownBy(() -> orders().placeAudited("both"))
                .rootCause()
                .isInstanceOf(ReentrantAcquireException.class)
                .hasMessageContaining("holds the lease")
                .hasMessageContaining("REQUIRES_NEW")
                .hasMessageContaining("NESTED");
        assertThat(DB.rows()).isZero();
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void a_transaction_left_open_is_logged_although_spring_drops_the_exception() throws Exception {
        JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
        try (LogCapture log = new LogCapture()) {
            jdbc.execute((ConnectionCallback<Boolean>) connection -> {
                TestDatabase.execute(connection, "BEGIN");
                TestDatabase.insert(connection, "forgotten");
                return true;
            });
            assertThat(log.warnings()).singleElement().asString().contains("Did not commit or rollback", "BEGIN");
        }
        assertThat(DB.rows()).isZero();
    }

    // --- how it is ------------------------------------------------------------------------------------------------

    @Test
    void the_health_check_asks_the_server() throws Exception {
        HttpResponse<String> health = get("/actuator/health/db");
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body())
                .contains("\"status\":\"UP\"", "\"lease\":\"free\"", "\"database\":\"PostgreSQL\"", "\"waiting\":0");
    }

    @Test
    void the_health_check_does_not_wait_for_a_holder_and_says_who_it_is() throws Exception {
        String health = whileHeld(() -> get("/actuator/health").body());
        assertThat(health)
                .contains("\"db\":{", "\"lease\":\"held\"", "\"heldSince\"", "\"status\":\"UP\"")
                .contains("\"holder\":\"" + Thread.currentThread().getName() + "\"");
    }

    @Test
    void the_metrics_of_a_pool_show_the_lease() throws Exception {
        manager.open();
        assertThat(connections("max")).contains("\"value\":1.0");
        assertThat(connections("active")).contains("\"value\":0.0").contains("dataSource");
        assertThat(connections("idle")).contains("\"value\":1.0");
        assertThat(whileHeld(() -> connections("active"))).contains("\"value\":1.0");
        assertThat(whileHeld(() -> connections("idle"))).contains("\"value\":0.0");
    }

    @Test
    void our_own_meters_are_there_by_the_name_of_the_application() throws Exception {
        long leases = manager.stats().leases();
        whileHeld(() -> true);
        assertThat(get("/actuator/metrics/db.client.connection.use_time").body())
                .contains("db.client.connection.pool.name", "\"orders\"", "COUNT");
        assertThat(manager.stats().leases()).isGreaterThan(leases);
    }

    private static String connections(String meter) throws Exception {
        return get("/actuator/metrics/jdbc.connections." + meter).body();
    }

    @Test
    void the_actuator_shows_no_connection_string() throws Exception {
        for (String page : new String[] {"/actuator/configprops", "/actuator/env"}) {
            HttpResponse<String> shown = get(page);
            assertThat(shown.statusCode()).isEqualTo(200);
            assertThat(shown.body()).contains("conninfo").doesNotContain(DB.conninfo());
        }
    }

    private static <T> T whileHeld(Callable<T> work) throws Exception {
        try (Lease lease = manager.acquire()) {
            return work.call();
        }
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return HTTP.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path) throws Exception {
        HttpRequest post =
                request(path).POST(HttpRequest.BodyPublishers.noBody()).build();
        return HTTP.send(post, HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path) {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .timeout(Duration.ofMinutes(1));
    }
}
