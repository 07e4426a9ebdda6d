package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.testing.ClosedPort;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The real libpq and we, with the same string in the same environment, come to the same session or say the same. */
@EnabledOnOs({OS.LINUX, OS.MAC})
@Timeout(120)
class LikeLibpqTest {
    private static final String ME = System.getProperty("user.name");
    private static final String SESSION = "SELECT current_user, current_database(), host(inet_server_addr()),"
            + " inet_server_port()::text, current_setting('application_name'), current_setting('work_mem'),"
            + " current_setting('geqo')";

    private static RealServer server;
    private static ClosedPort closed;

    @TempDir
    private Path home;

    @BeforeAll
    static void start() throws IOException, SQLException {
        List<String> access = new ArrayList<>(
                List.of("local all keeper scram-sha-256", "host all keeper 127.0.0.1/32 scram-sha-256"));
        access.addAll(RealServer.TRUST);
        server = RealServer.start(access, Map.of("unix_socket_directories", "{sockets}," + Libpq.SOCKET_DIRECTORY));
        closed = new ClosedPort();
        server.run(
                "CREATE ROLE \"" + ME + "\" LOGIN",
                "CREATE DATABASE \"" + ME + "\"",
                "CREATE ROLE alice LOGIN",
                "CREATE DATABASE alice",
                "CREATE ROLE keeper LOGIN PASSWORD 'kept: \\ in a file'",
                "CREATE DATABASE keeper");
    }

    @AfterAll
    static void stop() throws IOException {
        closed.close();
        server.close();
    }

    @Test
    void with_a_port_only_it_is_the_default_socket_and_ones_own_user_and_database() throws SQLException {
        assertSameSession("port={port}", Map.of(), ME, ME, null);
        assertSameSession("", Map.of("PGPORT", "{port}"), ME, ME, null);
        assertSameSession("postgres://:{port}", Map.of(), ME, ME, null);
    }

    @Test
    void a_user_is_its_own_database_unless_another_is_named() throws SQLException {
        assertSameSession("port={port} user=alice", Map.of(), "alice", "alice", null);
        assertSameSession("port={port}", Map.of("PGUSER", "alice"), "alice", "alice", null);
        assertSameSession(
                "port={port} user=alice", Map.of("PGUSER", ME, "PGDATABASE", "postgres"), "alice", "postgres", null);
    }

    @Test
    void a_host_may_be_a_name_an_address_or_a_directory() throws SQLException {
        Map<String, String> variables = Map.of("PGPORT", "{port}", "PGUSER", "alice");
        assertSameSession("host=localhost", variables, "alice", "alice", "127.0.0.1");
        assertSameSession("hostaddr=127.0.0.1", variables, "alice", "alice", "127.0.0.1");
        assertSameSession("host={sockets}", variables, "alice", "alice", null);
        assertSameSession("postgres:///alice?host={sockets}", variables, "alice", "alice", null);
        assertSameSession("host=/no/such/directory,127.0.0.1", variables, "alice", "alice", "127.0.0.1");
    }

    @Test
    void the_variables_stand_in_for_what_the_string_does_not_set() throws SQLException {
        Map<String, String> variables = Map.of(
                "PGHOST", "{sockets}",
                "PGHOSTADDR", "127.0.0.1",
                "PGPORT", "{port}",
                "PGUSER", "alice",
                "PGDATABASE", "postgres",
                "PGAPPNAME", "from the environment",
                "PGOPTIONS", "-c work_mem=7MB -c geqo=on",
                "PGGEQO", "off",
                "PGCONNECT_TIMEOUT", "10");
        assertSameSession("", variables, "alice", "postgres", "127.0.0.1");
        assertSameSession(
                "application_name=mine options='-c work_mem=9MB'", variables, "alice", "postgres", "127.0.0.1");
        assertSameSession("fallback_application_name=mine", variables, "alice", "postgres", "127.0.0.1");
        assertSameSession("hostaddr=''", variables, "alice", "postgres", null);
    }

    @Test
    void names_of_applications_may_be_missing_empty_or_a_fallback() throws SQLException {
        assertSameSession("port={port}", Map.of("PGAPPNAME", ""), ME, ME, null);
        assertSameSession("port={port} fallback_application_name=f", Map.of(), ME, ME, null);
        assertSameSession("port={port} fallback_application_name=f application_name=''", Map.of(), ME, ME, null);
    }

    @Test
    void a_source_with_a_name_names_its_sessions_as_libpqs_fallback_does_where_nothing_else_does() throws SQLException {
        for (Map<String, String> variables : List.of(Map.<String, String>of(), Map.of("PGAPPNAME", "the variable's"))) {
            for (String more : List.of("", " application_name=a", " fallback_application_name=f")) {
                String conninfo = "port={port}" + more;
                String fallback = more.contains("fallback") ? "" : " fallback_application_name='the name'";
                try (Connection ours = source(conninfo, variables)
                        .withFallbackApplicationName("the name")
                        .getConnection()) {
                    assertThat(Ask.row(ours, SESSION))
                            .as("%s %s", conninfo, variables)
                            .isEqualTo(Libpq.connect(filled(conninfo + fallback), filled(variables), SESSION)
                                    .row());
                }
            }
        }
        assertThatThrownBy(() -> source("", Map.of()).withFallbackApplicationName("a\0b"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_service_of_the_home_directory_is_found() throws SQLException {
        Directories.write(
                home.resolve(".pg_service.conf"),
                List.of("[here]", "host=127.0.0.1", "port=" + server.port(), "user=alice", "application_name=served"));
        assertSameSession("service=here", Map.of(), "alice", "alice", "127.0.0.1");
        assertSameSession("", Map.of("PGSERVICE", "here"), "alice", "alice", "127.0.0.1");
        assertSameSession(
                "service=here dbname=postgres", Map.of("PGAPPNAME", "not this"), "alice", "postgres", "127.0.0.1");
    }

    @Test
    void a_password_file_of_the_home_directory_is_found() throws SQLException {
        Directories.writeSecret(
                home.resolve(".pgpass"), "127.0.0.1:*:*:*:wrong", "localhost:*:*:keeper:kept\\: \\\\ in a file");
        assertSameSession("user=keeper port={port}", Map.of(), "keeper", "keeper", null);
        assertSameSession("user=keeper port={port} host=localhost", Map.of(), "keeper", "keeper", "127.0.0.1");
        assertSameSession(
                "user=keeper port={port} host=localhost hostaddr=127.0.0.1", Map.of(), "keeper", "keeper", "127.0.0.1");
        assertSameFailure("user=keeper port={port} host=127.0.0.1", Map.of());
    }

    @Test
    void a_password_of_the_environment_is_found() throws SQLException {
        assertSameSession(
                "postgres://keeper@127.0.0.1:{port}",
                Map.of("PGPASSWORD", "kept: \\ in a file"),
                "keeper",
                "keeper",
                "127.0.0.1");
        assertSameFailure("postgres://keeper@127.0.0.1:{port}", Map.of("PGPASSWORD", "wrong"));
    }

    @Test
    void the_session_has_the_time_zone_and_the_order_of_dates_of_the_environment() throws SQLException {
        Map<String, String> variables = Map.of("PGTZ", "Africa/Lusaka", "PGDATESTYLE", "ISO, DMY", "HOME", home + "");
        String question =
                "SELECT current_setting('TimeZone'), current_setting('DateStyle'), to_char(date '2/1/2000', 'MM')";
        try (Connection ours = ours("port={port}", variables)) {
            assertThat(Ask.row(ours, question))
                    .isEqualTo(Libpq.connect(filled("port={port}"), variables, question)
                            .row())
                    .containsExactly("Africa/Lusaka", "ISO, DMY", "01");
        }
    }

    @Test
    void a_password_file_that_others_may_read_is_of_no_use_to_either() {
        Path file = Directories.writeSecret(home.resolve(".pgpass"), "*:*:*:*:kept\\: \\\\ in a file");
        Directories.permit(file, "rw-r--r--");
        String conninfo = filled("user=keeper port={port}");
        assertThat(Libpq.connect(conninfo, Map.of("HOME", home.toString()), SESSION)
                        .error())
                .contains("no password supplied");
        assertThat(failure("user=keeper port={port}", Map.of()).attempts()).hasSize(1);
    }

    @Test
    void failures_are_told_in_the_same_words() {
        assertSameFailure("host=127.0.0.1 port={closed}", Map.of());
        assertSameFailure("host=localhost port={closed}", Map.of());
        assertSameFailure("hostaddr=127.0.0.1 host=name.invalid port={closed}", Map.of());
        assertSameFailure("host=/no/such/directory,127.0.0.1 port={closed}", Map.of());
        assertSameFailure("host={sockets} port={closed}", Map.of());
        assertSameFailure("host=/" + "d".repeat(120), Map.of());
        // The JVM remembers for a while that there is no such name, but not why; this one is asked for once.
        assertSameFailure("host=like-libpq.invalid", Map.of());
        assertSameFailure("port={port} dbname=nowhere", Map.of());
        assertSameFailure("port={port} user=nobody", Map.of());
        assertSameFailure("port={port} target_session_attrs=standby", Map.of());
        assertSameFailure("port={port},{closed} host=localhost,127.0.0.1 target_session_attrs=read-only", Map.of());
        assertSameFailure("port={port},{port} host=localhost,{sockets} target_session_attrs=standby", Map.of());
        assertSameFailure("port={closed} host=localhost target_session_attrs=prefer-standby", Map.of());
        assertSameFailure("host=localhost", Map.of("PGPORT", "{closed}"));
    }

    @Test
    void an_address_that_is_a_name_is_told_in_the_same_words_but_for_the_systems() {
        String ours = failure("hostaddr=name.invalid", Map.of()).getMessage();
        assertThat(ours).isEqualTo("could not parse network address \"name.invalid\"");
        assertThat(Libpq.connect("hostaddr=name.invalid", filled(Map.of()), SESSION)
                        .error())
                .startsWith(ours + ": ");
    }

    @Test
    void a_server_that_is_starting_up_and_one_that_refuses_are_told_in_the_same_words() throws IOException {
        for (String sqlState : List.of("57P03", "28000", "53300")) {
            try (FakeServer fake = FakeServer.refusing(sqlState, "not now")) {
                assertSameFailure("host=localhost,127.0.0.1 port=" + fake.port() + ",{closed}", Map.of());
            }
        }
    }

    @Test
    void a_server_that_hangs_up_and_one_that_says_nothing_are_told_in_the_same_words() throws IOException {
        try (FakeServer hangingUp = FakeServer.hangingUp();
                FakeServer silent = FakeServer.silent()) {
            assertSameFailure("host=localhost,127.0.0.1 port=" + hangingUp.port() + ",{closed}", Map.of());
            // libpq takes less than two seconds for two.
            assertSameFailure(
                    "connect_timeout=2 host=localhost,127.0.0.1 port=" + silent.port() + ",{closed}", Map.of());
        }
    }

    @Test
    void a_session_of_physical_replication_is_opened_whatever_the_environment_sets_in_sessions() throws SQLException {
        Map<String, String> variables = Map.of("PGTZ", "Africa/Lusaka", "PGGEQO", "off", "HOME", home + "");
        String conninfo = "replication=true user=postgres host=127.0.0.1 port={port}";
        assertThat(Libpq.connect(filled(conninfo), variables, "SHOW geqo").row())
                .containsExactly("off");
        try (Connection ours = ours(conninfo, variables)) {
            assertThat(Ask.one(ours, "IDENTIFY_SYSTEM")).matches("[0-9]+");
        }
    }

    private void assertSameSession(
            String conninfo, Map<String, String> variables, String user, String database, String address)
            throws SQLException {
        Libpq.Connected theirs = Libpq.connect(filled(conninfo), filled(variables), SESSION);
        assertThat(theirs.error()).as("libpq").isNull();
        assertThat(theirs.row()).as("libpq").startsWith(user, database, address);
        try (Connection ours = ours(conninfo, variables)) {
            assertThat(Ask.row(ours, SESSION)).as("%s %s", conninfo, variables).isEqualTo(theirs.row());
        }
    }

    private void assertSameFailure(String conninfo, Map<String, String> variables) {
        Libpq.Connected theirs = Libpq.connect(filled(conninfo), filled(variables), SESSION);
        assertThat(theirs.error()).as("libpq").isNotNull();
        // libpq has two spaces after the severity, pgjdbc one.
        assertThat(failure(conninfo, variables).getMessage())
                .isEqualTo(theirs.error().replace("FATAL:  ", "FATAL: "));
    }

    private ConnectFailedException failure(String conninfo, Map<String, String> variables) {
        return catchThrowableOfType(ConnectFailedException.class, () -> ours(conninfo, variables));
    }

    private Connection ours(String conninfo, Map<String, String> variables) throws SQLException {
        return source(conninfo, variables).getConnection();
    }

    private LibpqDataSource source(String conninfo, Map<String, String> variables) {
        Environment environment = Environment.empty()
                .withHome(home)
                .withOsUser(ME)
                .withSocketDirectories(List.of(Libpq.SOCKET_DIRECTORY))
                .withVariables(filled(variables));
        return Sources.of(filled(conninfo), environment);
    }

    private static String filled(String text) {
        return text.replace("{port}", "" + server.port())
                .replace("{closed}", "" + closed.port())
                .replace("{sockets}", server.sockets().toString());
    }

    private Map<String, String> filled(Map<String, String> variables) {
        Map<String, String> filled = new HashMap<>(Map.of("HOME", home.toString()));
        variables.forEach((name, value) -> filled.put(name, filled(value)));
        return filled;
    }
}
