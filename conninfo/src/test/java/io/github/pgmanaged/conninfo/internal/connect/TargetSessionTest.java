package io.github.pgmanaged.conninfo.internal.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.pgmanaged.conninfo.Ask;
import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.ConnectFailedException;
import io.github.pgmanaged.conninfo.Directories;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.RealServer;
import io.github.pgmanaged.conninfo.Replica;
import io.github.pgmanaged.conninfo.Sources;
import io.github.pgmanaged.testing.ClosedPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code target_session_attrs} finds among a primary, its hot standby, and servers that are down. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(180)
class TargetSessionTest {
    private static Path standbyData;
    private static RealServer primary;
    private static RealServer standby;
    private static ClosedPort down;

    @BeforeAll
    static void start() throws IOException, SQLException {
        primary = RealServer.start();
        primary.run("CREATE ROLE reader LOGIN", "ALTER ROLE reader SET default_transaction_read_only = on");
        standbyData = Files.createTempDirectory("pgmanaged-standby");
        standby = Replica.of(primary, standbyData);
        down = new ClosedPort();
    }

    @AfterAll
    static void stop() throws IOException {
        down.close();
        standby.close();
        primary.close();
        Directories.delete(standbyData);
    }

    @Test
    void the_standby_of_these_tests_is_one() throws SQLException {
        assertThat(primary.ask("SELECT pg_is_in_recovery()")).isEqualTo("f");
        assertThat(standby.ask("SELECT pg_is_in_recovery()")).isEqualTo("t");
    }

    @ParameterizedTest
    @CsvSource({
        "any,            primary standby, primary",
        "any,            standby primary, standby",
        "read-write,     primary standby, primary",
        "read-write,     standby primary, primary",
        "read-only,      primary standby, standby",
        "read-only,      standby primary, standby",
        "primary,        primary standby, primary",
        "primary,        standby primary, primary",
        "standby,        primary standby, standby",
        "standby,        standby primary, standby",
        "prefer-standby, primary standby, standby",
        "prefer-standby, standby primary, standby",
        "any,            down primary,    primary",
        "any,            primary down,    primary",
        "read-write,     down primary,    primary",
        "primary,        down primary,    primary",
        "prefer-standby, down primary,    primary",
        "prefer-standby, primary down,    primary",
        "any,            down standby,    standby",
        "any,            standby down,    standby",
        "read-only,      down standby,    standby",
        "standby,        down standby,    standby",
        "prefer-standby, down standby,    standby",
        "prefer-standby, standby down,    standby",
        "prefer-standby, primary,         primary",
    })
    void the_first_fitting_server_is_taken(String attrs, String servers, String expected) throws SQLException {
        assertThat(reached("postgres", attrs, servers)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "read-write, standby,      session is read-only",
        "read-only,  primary,      session is not read-only",
        "primary,    standby,      server is in hot standby mode",
        "standby,    primary,      server is not in hot standby mode",
        "read-write, down standby, session is read-only",
        "read-only,  down primary, session is not read-only",
        "primary,    down standby, server is in hot standby mode",
        "standby,    down primary, server is not in hot standby mode",
    })
    void without_a_fitting_server_it_is_told_what_each_of_them_is(String attrs, String servers, String objection) {
        ConnectFailedException failure = failure("postgres", attrs, servers);
        assertThat(failure.attempts()).hasSize(servers.split(" ").length);
        int port = servers.endsWith("standby") ? standby.port() : primary.port();
        assertThat(failure.getMessage())
                .endsWith("connection to server at \"127.0.0.1\", port " + port + " failed: " + objection);
        assertThat(failure.getSQLState()).isEqualTo("08001");
    }

    @ParameterizedTest
    @CsvSource({
        "any,            primary standby, primary",
        "read-only,      primary standby, primary",
        "primary,        standby primary, primary",
        "prefer-standby, primary standby, standby",
    })
    void a_role_that_reads_only_makes_a_primary_read_only(String attrs, String servers, String expected)
            throws SQLException {
        assertThat(reached("reader", attrs, servers)).isEqualTo(expected);
    }

    @Test
    void a_role_that_reads_only_finds_nothing_to_write_to() {
        ConnectFailedException failure = failure("reader", "read-write", "primary standby");
        assertThat(failure.attempts())
                .extracting(ConnectFailedException.Attempt::message)
                .containsExactly(
                        "connection to server at \"127.0.0.1\", port " + primary.port()
                                + " failed: session is read-only",
                        "connection to server at \"127.0.0.1\", port " + standby.port()
                                + " failed: session is read-only");
    }

    @Test
    void options_may_make_the_session_read_only() throws SQLException {
        String options = " options='-c default_transaction_read_only=on'";
        assertThat(failure("postgres", "read-write" + options, "primary").getMessage())
                .endsWith("failed: session is read-only");
        assertThat(reached("postgres", "read-only" + options, "primary")).isEqualTo("primary");
    }

    @Test
    void when_no_standby_is_there_prefer_standby_tries_all_again() {
        ConnectFailedException failure = failure("postgres", "prefer-standby", "down down");
        assertThat(failure.attempts()).hasSize(4);
    }

    @Test
    void sessions_that_do_not_fit_are_closed() throws SQLException {
        String application = " application_name='does not fit'";
        failure("postgres", "standby" + application, "primary primary");
        await().until(
                        () -> primary.ask(
                                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'does not fit'"),
                        "0"::equals);
    }

    @ParameterizedTest
    @CsvSource({
        "read-write, primary, off, ",
        "read-write, primary, on,  session is read-only",
        "read-only,  primary, on,  ",
        "read-only,  standby, on,  ",
        "any,        primary, on,  ",
        "prefer-standby, primary, on, ",
    })
    void an_open_session_is_objected_to_by_what_it_is_now(String attrs, String server, String readOnly, String expected)
            throws SQLException {
        String user = attrs.equals("read-only") ? "reader" : "postgres";
        LibpqDataSource source = source(user, attrs, server);
        try (Connection connection = source.getConnection()) {
            Ask.one(connection, "SELECT set_config('default_transaction_read_only', '" + readOnly + "', false)");
            assertThat(source.objectionTo(connection)).isEqualTo(expected);
        }
    }

    @Test
    void a_service_file_counts_as_it_was_at_the_opening_however_it_has_changed() throws Exception {
        Path file = Files.createTempFile("pg_service", ".conf");
        Map<String, String> variables = Map.of("PGSERVICE", "s", "PGSERVICEFILE", file.toString());
        LibpqDataSource source =
                Sources.of("user=postgres " + primary.tcp(), Environment.empty().withVariables(variables));
        Files.writeString(file, "[s]\ntarget_session_attrs=read-write\n");
        try (Connection writes = source.getConnection()) {
            Files.writeString(file, "[s]\ntarget_session_attrs=any\n");
            try (Connection does = source.getConnection()) {
                for (String content :
                        List.of("[s]\ntarget_session_attrs=standby\n", "[s]\nnonsense\n", "[another]\n")) {
                    Files.writeString(file, content);
                    assertThat(source.objectionTo(writes)).as(content).isNull();
                    assertThat(source.objectionTo(does)).as(content).isNull();
                }
                Files.delete(file);
                assertThat(source.objectionTo(writes)).isNull();
                assertThat(source.objectionTo(does)).isNull();
                Ask.one(writes, "SELECT set_config('default_transaction_read_only', 'on', false)");
                assertThat(source.objectionTo(writes)).isEqualTo("session is read-only");
            }
        }
    }

    @Test
    void the_environment_is_asked_at_the_opening_only() throws SQLException {
        AtomicInteger asked = new AtomicInteger();
        LibpqDataSource source = new LibpqDataSource(
                ConnInfo.parse("user=postgres target_session_attrs=primary " + primary.tcp()), () -> {
                    asked.incrementAndGet();
                    return Environment.empty();
                });
        try (Connection connection = source.getConnection()) {
            assertThat(source.objectionTo(connection)).isNull();
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void a_connection_from_elsewhere_is_not_objected_to() throws SQLException {
        try (Connection connection = source("postgres", "any", "standby").getConnection()) {
            assertThat(source("postgres", "primary", "primary").objectionTo(connection))
                    .isNull();
        }
    }

    private static String reached(String user, String attrs, String servers) throws SQLException {
        return Ask.one(source(user, attrs, servers), "SHOW in_hot_standby").equals("on") ? "standby" : "primary";
    }

    private static ConnectFailedException failure(String user, String attrs, String servers) {
        return catchThrowableOfType(ConnectFailedException.class, source(user, attrs, servers)::getConnection);
    }

    private static LibpqDataSource source(String user, String attrs, String servers) {
        Map<String, Integer> ports = Map.of("primary", primary.port(), "standby", standby.port(), "down", down.port());
        List<String> names = List.of(servers.split(" "));
        return Sources.of("user=" + user + " dbname=postgres target_session_attrs=" + attrs + " host="
                + String.join(",", names.stream().map(name -> "127.0.0.1").toList()) + " port="
                + String.join(
                        ",", names.stream().map(name -> "" + ports.get(name)).toList()));
    }
}
