package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SimpleTimeZone;
import java.util.SplittableRandom;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A session has the settings here that it has with the real libpq, wherever they are from. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class SameSessionTest {
    private static final List<String> ZONES = List.of("Pacific/Auckland", "UTC", "America/Caracas", "<+05>-05");
    private static final List<String> STYLES =
            List.of("ISO, DMY", "ISO, MDY", "SQL, DMY", "SQL", "German", "Postgres, YMD", "ISO", "iso,european", "YMD");
    private static final List<String> NAMES = List.of("x", "books", "");

    /** All that can differ, but for what pgjdbc needs: UTF8, and dates in ISO form. */
    private static final String ALL = """
            SELECT pg_catalog.string_agg(pg_catalog.concat(name, '=', setting, '/', reset_val), chr(10) ORDER BY name)
              FROM (SELECT name,
                           CASE name WHEN 'DateStyle' THEN pg_catalog.regexp_replace(setting, '^.*, ', 'ISO, ')
                                     ELSE setting END AS setting,
                           CASE name WHEN 'DateStyle' THEN pg_catalog.regexp_replace(reset_val, '^.*, ', 'ISO, ')
                                     ELSE reset_val END AS reset_val
                      FROM pg_catalog.pg_settings WHERE name <> 'client_encoding') s
            """;

    private static RealServer server;

    @BeforeAll
    static void start() throws IOException {
        server = RealServer.start(RealServer.TRUST, Map.of("timezone", "Asia/Tokyo", "datestyle", "iso,ymd"));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void forget() throws SQLException {
        server.run(
                "DROP ROLE IF EXISTS r",
                "CREATE ROLE r LOGIN",
                "ALTER DATABASE postgres RESET ALL",
                "ALTER ROLE ALL RESET ALL",
                "ALTER ROLE ALL IN DATABASE postgres RESET ALL",
                "ALTER ROLE postgres RESET ALL");
    }

    private static Connection open(String more, Map<String, String> variables) throws SQLException {
        return Sources.of(server.tcp() + " user=r " + more, Environment.empty().withVariables(variables))
                .getConnection();
    }

    private static String ours(String more, Map<String, String> variables, String question) throws SQLException {
        try (Connection connection = open(more, variables)) {
            return Ask.one(connection, question);
        }
    }

    private static String libpqs(String more, Map<String, String> variables, String question) {
        Map<String, String> all = new HashMap<>(variables);
        all.put("HOME", "/nonexistent");
        Libpq.Connected connected = Libpq.connect(server.tcp() + " user=r " + more, all, question);
        assertThat(connected.error()).isNull();
        return connected.row().get(0);
    }

    private static void same(String more, Map<String, String> variables) throws SQLException {
        same(more, variables, "");
    }

    private static void same(String more, Map<String, String> variables, String seed) throws SQLException {
        for (String question : new String[] {
            "SHOW TimeZone", "SHOW application_name", "SELECT to_char('04.03.02'::date, 'YYYY-MM-DD')", ALL
        }) {
            assertThat(ours(more, variables, question))
                    .as("%s, %s: %s %s", more, variables, question, seed)
                    .isEqualTo(libpqs(more, variables, question));
        }
    }

    @Test
    void the_servers_own_settings_are_the_sessions() throws SQLException {
        same("", Map.of());
        assertThat(ours("", Map.of(), "SHOW TimeZone")).isEqualTo("Asia/Tokyo");
        assertThat(ours("", Map.of(), "SHOW DateStyle")).isEqualTo("ISO, YMD");
    }

    @Test
    void what_options_set_is_the_sessions() throws SQLException {
        same("options='-c TimeZone=Pacific/Auckland -c application_name=x -c datestyle=SQL,DMY'", Map.of());
    }

    @Test
    void a_role_that_reads_the_day_first_reads_the_fourth_of_march() throws SQLException {
        server.run("ALTER ROLE r SET datestyle = 'ISO, DMY'", "ALTER ROLE r SET timezone = 'Pacific/Auckland'");
        assertThat(ours("", Map.of(), "SELECT '04.03.2026'::date")).isEqualTo("2026-03-04");
        same("", Map.of());
    }

    @Test
    void dates_are_read_and_written_in_a_session_whose_role_has_another_form() throws SQLException {
        server.run("ALTER ROLE r SET datestyle = 'SQL, DMY'");
        try (Connection connection = open("connect_timeout=60", Map.of());
                Statement statement = connection.createStatement()) {
            for (String reset : new String[] {"SELECT 1", "RESET ALL", "DISCARD ALL"}) {
                statement.execute(reset);
                assertThat(Ask.one(connection, "SELECT '04.03.2026'::date"))
                        .as(reset)
                        .isEqualTo("2026-03-04");
                try (var row = statement.executeQuery("SELECT '04.03.2026'::date")) {
                    row.next();
                    assertThat(row.getObject(1, LocalDate.class)).isEqualTo(LocalDate.of(2026, 3, 4));
                }
            }
        }
    }

    /** pgjdbc ends the first session for the form of its dates, and the server may not have noticed yet. */
    @Test
    void a_role_that_may_have_one_session_alone_gets_it() throws SQLException {
        server.run("ALTER ROLE r SET datestyle = 'SQL, DMY'", "ALTER ROLE r CONNECTION LIMIT 1");
        for (int i = 0; i < 5; i++) {
            assertThat(ours("", Map.of(), "SHOW DateStyle")).isEqualTo("ISO, DMY");
            await().until(() -> sessions().equals("0"));
        }
    }

    private static String sessions() {
        return Libpq.connect(
                        server.tcp() + " user=postgres",
                        Map.of("HOME", "/nonexistent"),
                        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'r'")
                .row()
                .get(0);
    }

    @Test
    void the_settings_survive_a_reset() throws SQLException {
        server.run("ALTER ROLE r SET datestyle = 'ISO, DMY'");
        try (Connection connection = open("", Map.of("PGTZ", "Pacific/Auckland", "PGGEQO", "off"));
                Statement statement = connection.createStatement()) {
            statement.execute("SET timezone = 'UTC'; SET geqo = on; SET datestyle = MDY");
            statement.execute("DISCARD ALL");
            assertThat(Ask.one(connection, "SHOW TimeZone")).isEqualTo("Pacific/Auckland");
            assertThat(Ask.one(connection, "SHOW geqo")).isEqualTo("off");
            assertThat(Ask.one(connection, "SHOW DateStyle")).isEqualTo("ISO, DMY");
        }
    }

    @Test
    void a_moment_is_the_same_in_whichever_zone_the_session_is() throws SQLException {
        Timestamp moment = Timestamp.valueOf("2026-03-04 05:06:07.890");
        try (Connection connection = open("options='-c TimeZone=Pacific/Auckland'", Map.of());
                var statement = connection.prepareStatement("SELECT ?::timestamptz, ?::timestamp")) {
            for (int i = 0; i < 12; i++) { // in text, and then in binary
                statement.setTimestamp(1, moment);
                statement.setTimestamp(2, moment);
                try (var row = statement.executeQuery()) {
                    row.next();
                    assertThat(row.getTimestamp(1)).isEqualTo(moment);
                    assertThat(row.getTimestamp(2)).isEqualTo(moment);
                }
            }
        }
    }

    @Test
    void it_opens_in_a_time_zone_that_the_server_does_not_know() throws SQLException {
        TimeZone before = TimeZone.getDefault();
        try {
            TimeZone.setDefault(new SimpleTimeZone(0, "Middle/Earth"));
            assertThat(ours("", Map.of(), "SHOW TimeZone")).isEqualTo("Asia/Tokyo");
            try (Connection connection = Sources.of(server.socket() + " user=r").getConnection()) {
                assertThat(Ask.one(connection, "SHOW TimeZone")).isEqualTo("Asia/Tokyo");
            }
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void a_zone_of_the_environment_that_the_server_does_not_know_is_refused_as_by_libpq() {
        Map<String, String> variables = Map.of("PGTZ", "Middle/Earth");
        Libpq.Connected connected = Libpq.connect(
                server.tcp() + " user=r", Map.of("PGTZ", "Middle/Earth", "HOME", "/nonexistent"), "SELECT 1");
        assertThat(connected.error()).contains("invalid value for parameter \"TimeZone\": \"Middle/Earth\"");
        assertThatExceptionOfType(ConnectFailedException.class)
                .isThrownBy(() -> open("", variables))
                .withMessageContaining("invalid value for parameter \"TimeZone\": \"Middle/Earth\"");
    }

    @Test
    void settings_from_anywhere_meet_as_with_libpq() throws SQLException {
        Seed seed = Seed.ofThisRun();
        for (int i = 0; i < 40; i++) {
            SplittableRandom random = seed.next();
            forget();
            for (String where : new String[] {
                "DATABASE postgres",
                "ROLE r",
                "ROLE r IN DATABASE postgres",
                "ROLE ALL",
                "ROLE ALL IN DATABASE postgres"
            }) {
                server.run("ALTER " + where + " RESET ALL");
                some(random, ZONES, zone -> server.run("ALTER " + where + " SET timezone = '" + zone + "'"));
                some(random, STYLES, style -> server.run("ALTER " + where + " SET datestyle = '" + style + "'"));
                some(random, NAMES, name -> server.run("ALTER " + where + " SET application_name = '" + name + "'"));
            }
            StringBuilder options = new StringBuilder();
            some(random, ZONES, zone -> options.append(" -c TimeZone=").append(zone));
            some(random, STYLES, style -> options.append(" --datestyle=").append(style.replace(" ", "")));
            some(random, NAMES, name -> options.append(" -c application_name=").append(name));
            StringBuilder more = new StringBuilder("options='" + options + "'");
            some(
                    random,
                    NAMES,
                    name -> more.append(" application_name='").append(name).append('\''));
            some(
                    random,
                    NAMES,
                    name -> more.append(" fallback_application_name='f")
                            .append(name)
                            .append('\''));
            Map<String, String> variables = new HashMap<>();
            some(random, ZONES, zone -> variables.put("PGTZ", zone));
            some(random, STYLES, style -> variables.put("PGDATESTYLE", style));
            some(random, NAMES, name -> variables.put("PGAPPNAME", name));
            some(random, List.of("on", "off", "default"), geqo -> variables.put("PGGEQO", geqo));
            same(more.toString(), variables, seed.toString());
        }
        server.run("ALTER ROLE ALL RESET ALL", "ALTER ROLE ALL IN DATABASE postgres RESET ALL");
    }

    private interface Taker {
        void take(String value) throws SQLException;
    }

    private static void some(SplittableRandom random, List<String> values, Taker taker) throws SQLException {
        if (Seed.chance(random, 0.3)) {
            taker.take(Seed.pick(random, values));
        }
    }
}
