package io.github.pgmanaged.conninfo.internal.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pgmanaged.conninfo.Ask;
import io.github.pgmanaged.conninfo.ConnectFailedException;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.FakeServer;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.PgjdbcLog;
import io.github.pgmanaged.conninfo.RealServer;
import io.github.pgmanaged.conninfo.Sources;
import io.github.pgmanaged.testing.ClosedPort;
import io.github.pgmanaged.testing.LogCapture;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the keywords about authentication and about the session do to a session. */
class SessionTest {
    private static RealServer server;

    @BeforeAll
    static void start() throws IOException {
        server = RealServer.start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Connection open(String more) throws SQLException {
        return Sources.of(server.tcp() + " user=postgres " + more).getConnection();
    }

    private static String ask(String more, String question) throws SQLException {
        try (Connection connection = open(more)) {
            return Ask.one(connection, question);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "none,scram-sha-256", "!password", "!password,!oauth", "!oauth", "none,oauth"})
    void a_server_that_asks_for_nothing_is_taken_where_that_is_allowed(String methods) throws SQLException {
        assertThat(ask("require_auth=" + methods, "SELECT 1")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"scram-sha-256", "scram-sha-256,oauth", "!none"})
    void a_server_that_asks_for_nothing_is_refused_where_a_method_is_required(String methods) {
        assertThatExceptionOfType(ConnectFailedException.class).isThrownBy(() -> open("require_auth=" + methods));
    }

    @Test
    void channel_binding_can_be_required() {
        assertThatExceptionOfType(ConnectFailedException.class)
                .isThrownBy(() -> open("channel_binding=require"))
                .withMessageContaining("Channel binding is required");
    }

    @Test
    void a_secret_in_options_reaches_the_backend_and_no_log() throws SQLException {
        try (LogCapture ours = new LogCapture();
                PgjdbcLog theirs = PgjdbcLog.atEveryLevel()) {
            assertThat(ask("options='-c my.password=hunter2'", "SHOW my.password"))
                    .isEqualTo("hunter2");
            assertThat(theirs.everything()).contains("StartupPacket");
            assertThat(ours.everything() + theirs.everything()).doesNotContain("-c my.password");
        }
    }

    @Test
    void options_reach_the_backend() throws SQLException {
        assertThat(ask("options='-c geqo=off -c work_mem=77kB'", "SHOW work_mem"))
                .isEqualTo("77kB");
    }

    @Test
    void the_newest_protocol_is_spoken_if_it_is_asked_for() throws SQLException {
        for (String newest :
                new String[] {"min_protocol_version=3.2", "max_protocol_version=latest", "min_protocol_version=latest"
                }) {
            try (Connection connection = open(newest)) {
                assertThat(minor(connection)).as(newest).isEqualTo(2);
            }
        }
        for (String older : new String[] {"", "max_protocol_version=3.0", "min_protocol_version=3.0"}) {
            try (Connection connection = open(older)) {
                assertThat(minor(connection)).as(older).isZero();
            }
        }
    }

    private static int minor(Connection connection) throws SQLException {
        return connection
                .unwrap(org.postgresql.core.BaseConnection.class)
                .getQueryExecutor()
                .getProtocolVersion()
                .getMinor();
    }

    @Test
    void a_server_that_does_not_know_the_required_protocol_is_refused() throws Exception {
        try (FakeServer old = FakeServer.old()) {
            String there = "host=127.0.0.1 user=me dbname=d port=" + old.port();
            Sources.of(there + " max_protocol_version=3.2").getConnection().close();
            assertThatExceptionOfType(ConnectFailedException.class)
                    .isThrownBy(() ->
                            Sources.of(there + " min_protocol_version=3.2").getConnection())
                    .withMessageEndingWith(
                            "server only supports protocol version 3.0, but \"min_protocol_version\" was set to 3.2");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "read-write, SHOW transaction_read_only",
        "read-only,  SHOW transaction_read_only",
        "primary,    SELECT pg_catalog.pg_is_in_recovery()",
        "standby,    SELECT pg_catalog.pg_is_in_recovery()"
    })
    void a_server_that_does_not_say_what_it_is_is_passed_over(String attrs, String question) throws Exception {
        try (FakeServer old = FakeServer.old();
                ClosedPort closed = new ClosedPort()) {
            assertThatExceptionOfType(ConnectFailedException.class)
                    .isThrownBy(() -> Sources.of("host=127.0.0.1,127.0.0.1 user=me dbname=d port=" + old.port() + ","
                                    + closed.port() + " target_session_attrs=" + attrs)
                            .getConnection())
                    .satisfies(e -> assertThat(e.attempts()).hasSize(2))
                    .withMessageStartingWith("connection to server at \"127.0.0.1\", port " + old.port() + " failed: \""
                            + question + "\" failed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"database", "true", "on", "1"})
    void a_session_for_replication_can_be_had(String kind) throws SQLException {
        assertThat(ask("replication=" + kind, "IDENTIFY_SYSTEM")).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "off", "0", "''"})
    void a_session_that_is_not_for_replication_is_an_ordinary_one(String kind) throws SQLException {
        assertThat(ask("replication=" + kind, "SELECT 1")).isEqualTo("1");
    }

    @Test
    void the_environment_sets_time_zone_optimizer_and_the_order_of_dates() throws SQLException {
        Environment environment = Environment.empty()
                .withVariables(Map.of("PGTZ", "Asia/Tokyo", "PGGEQO", "off", "PGDATESTYLE", "German"));
        try (Connection connection =
                Sources.of(server.tcp() + " user=postgres", environment).getConnection()) {
            assertThat(Ask.one(connection, "SHOW TimeZone")).isEqualTo("Asia/Tokyo");
            assertThat(Ask.one(connection, "SHOW geqo")).isEqualTo("off");
            // pgjdbc would end a session whose dates are not in ISO form.
            assertThat(Ask.one(connection, "SHOW DateStyle")).isEqualTo("ISO, DMY");
            assertThat(Ask.one(connection, "SELECT '04.03.2026'::date")).isEqualTo("2026-03-04");
        }
        assertThatExceptionOfType(ConnectFailedException.class)
                .isThrownBy(() -> Sources.of(
                                server.tcp() + " user=postgres",
                                Environment.empty().withVariables(Map.of("PGTZ", "Nowhere")))
                        .getConnection())
                .withMessageContaining("Nowhere");
    }

    @Test
    void what_is_ignored_is_told_once() throws SQLException {
        LibpqDataSource source = Sources.of(server.tcp()
                + " user=postgres sslcompression=1 tcp_user_timeout=5 sslkeylogfile=/tmp/keys keepalives_idle=5");
        try (LogCapture log = new LogCapture()) {
            source.getConnection().close();
            source.getConnection().close();
            assertThat(log.warnings())
                    .hasSize(3)
                    .anyMatch(text -> text.contains("\"tcp_user_timeout\" (string) is ignored"))
                    .anyMatch(text -> text.contains("\"sslcompression\" (string) is ignored"))
                    .anyMatch(text -> text.contains("\"sslkeylogfile\" (string) is ignored"));
        }
        try (LogCapture log = new LogCapture()) {
            open("sslcompression=0 tcp_user_timeout=0").close();
            assertThat(log.warnings()).isEmpty();
        }
    }

    @Test
    void on_a_socket_sslmode_does_not_count_and_requirepeer_is_refused() throws SQLException {
        LibpqDataSource source = Sources.of(server.socket() + " user=postgres sslmode=require");
        try (Connection connection = source.getConnection()) {
            assertThat(Ask.one(connection, "SELECT 1")).isEqualTo("1");
        }
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> Sources.of(server.socket() + " user=postgres requirepeer=postgres")
                        .getConnection())
                .withMessageContaining("\"requirepeer\" cannot be honoured");
        assertThat(ask("requirepeer=postgres", "SELECT 1")).isEqualTo("1");
    }

    @Test
    void the_url_of_a_session_names_host_port_and_database() throws SQLException {
        try (Connection connection = open("password=hunter2")) {
            assertThat(connection.getMetaData().getURL())
                    .isEqualTo("jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres");
        }
    }
}
