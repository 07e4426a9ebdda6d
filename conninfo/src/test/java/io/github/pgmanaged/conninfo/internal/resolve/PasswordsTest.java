package io.github.pgmanaged.conninfo.internal.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.conninfo.Ask;
import io.github.pgmanaged.conninfo.ConnectFailedException;
import io.github.pgmanaged.conninfo.Directories;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.PgjdbcLog;
import io.github.pgmanaged.conninfo.RealServer;
import io.github.pgmanaged.conninfo.Sources;
import io.github.pgmanaged.testing.LogCapture;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Where passwords come from, and that they go nowhere else. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class PasswordsTest {
    private static final String SECRET = "Sesam-öffne-dich";
    private static final String WRONG = "Weizen-öffne-dich";
    private static final String WHO = "SELECT current_user";

    /** A property of pgjdbc's. */
    private static final String PGJDBCS_FILE = "org.postgresql.pgpassfile";

    private static RealServer server;

    @TempDir
    private Path home;

    @BeforeAll
    static void start() throws IOException, SQLException {
        List<String> access = new ArrayList<>(List.of(
                "local all postgres trust", "local all all scram-sha-256", "host all postgres 127.0.0.1/32 trust"));
        access.add("host all all 127.0.0.1/32 scram-sha-256");
        server = RealServer.start(access, Map.of());
        server.run(
                "CREATE ROLE alice LOGIN PASSWORD '" + SECRET + "'",
                "CREATE ROLE bob LOGIN PASSWORD 'of bob'",
                "CREATE ROLE carol LOGIN PASSWORD 'before'");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void the_password_of_the_string_is_used() throws SQLException {
        assertAlice(source(alice() + " password=" + SECRET));
        assertAlice(source("postgres://alice:" + SECRET + "@127.0.0.1:" + server.port() + "/postgres"));
    }

    @Test
    void the_password_of_PGPASSWORD_is_used() throws SQLException {
        assertAlice(Sources.of(alice(), home, Map.of("PGPASSWORD", SECRET)));
    }

    @Test
    void the_string_goes_before_PGPASSWORD_and_PGPASSWORD_before_the_password_file() throws SQLException {
        passwordFile("*:*:*:*:" + WRONG);
        assertAlice(Sources.of(alice() + " password=" + SECRET, home, Map.of("PGPASSWORD", WRONG)));
        assertAlice(Sources.of(alice(), home, Map.of("PGPASSWORD", SECRET)));
        passwordFile("*:*:*:*:" + SECRET);
        assertAlice(Sources.of(alice() + " password=''", home, Map.of()));
    }

    @Test
    void the_password_file_is_asked_for_the_host() throws SQLException {
        passwordFile(
                "127.0.0.1:1:*:*:" + WRONG,
                "127.0.0.1:*:other:*:" + WRONG,
                "127.0.0.1:*:*:bob:" + WRONG,
                "localhost:*:*:*:" + WRONG,
                "127.0.0.1:" + server.port() + ":postgres:alice:" + SECRET);
        assertAlice(source(alice()));
    }

    @Test
    void the_password_file_is_asked_for_localhost_when_the_socket_is_in_a_default_directory() throws SQLException {
        passwordFile("localhost:*:*:*:" + SECRET, server.sockets() + ":*:*:*:" + WRONG);
        String directory = server.sockets().toString();
        Environment environment =
                Environment.empty().withHome(home).withSocketDirectories(List.of("/no/such/directory", directory));
        assertAlice(Sources.of("user=alice dbname=postgres port=" + server.port(), environment));
        assertAlice(Sources.of("user=alice " + server.socket(), environment));
    }

    @Test
    void the_password_file_is_asked_for_the_directory_of_another_socket() throws SQLException {
        passwordFile("localhost:*:*:*:" + WRONG, server.sockets() + ":*:*:*:" + SECRET);
        assertAlice(source("user=alice " + server.socket()));
    }

    @Test
    void the_password_file_is_asked_for_the_name_and_without_a_name_for_the_address() throws SQLException {
        String rest = " user=alice dbname=postgres port=" + server.port();
        passwordFile("name.invalid:*:*:*:" + SECRET, "127.0.0.1:*:*:*:" + WRONG);
        assertAlice(source("host=name.invalid hostaddr=127.0.0.1" + rest));
        passwordFile("127.0.0.1:*:*:*:" + SECRET);
        assertAlice(source("hostaddr=127.0.0.1" + rest));
    }

    @Test
    void pgjdbc_asks_no_password_file_of_its_own_choice() {
        Path file = Directories.writeSecret(home.resolve("pgjdbcs"), "*:*:*:*:" + SECRET);
        System.setProperty(PGJDBCS_FILE, file.toString());
        try {
            assertThat(failure(source(alice())).attempts()).hasSize(1);
        } finally {
            System.clearProperty(PGJDBCS_FILE);
        }
    }

    @Test
    void each_host_of_a_list_has_its_own_password() throws SQLException {
        passwordFile("name.invalid:*:*:*:" + WRONG, "localhost:*:*:*:" + WRONG, "127.0.0.1:*:*:*:" + SECRET);
        assertAlice(source("host=name.invalid,127.0.0.1 user=alice dbname=postgres port=" + server.port()));
    }

    @Test
    void passfile_and_PGPASSFILE_name_another_password_file() throws SQLException {
        passwordFile("*:*:*:*:" + WRONG);
        Path other = Directories.writeSecret(home.resolve("other"), "*:*:*:*:" + SECRET);
        assertAlice(source(alice() + " passfile=" + other));
        assertAlice(Sources.of(alice(), home, Map.of("PGPASSFILE", other.toString())));
    }

    @Test
    void a_password_file_that_others_may_read_is_ignored_with_one_warning() throws SQLException {
        Path file = passwordFile("*:*:*:*:" + SECRET);
        Directories.permit(file, "rw-r-----");
        LibpqDataSource source = source(alice());
        try (LogCapture log = new LogCapture()) {
            assertThat(failure(source).attempts()).hasSize(1);
            assertThat(failure(source).getMessage()).doesNotContain("retrieved from file");
            assertThat(log.warnings())
                    .containsExactly(source.toString().replaceAll("LibpqDataSource\\[|]$", "") + ": password file \""
                            + file + "\" has group or world access; permissions should be u=rw (0600) or less");
        }
        Directories.permit(file, "rw-------");
        assertAlice(source);
    }

    @Test
    void a_password_that_is_missing_is_said_to_be_and_why() {
        Path file = home.resolve(".pgpass");
        assertMissing("password file \"" + file + "\" does not exist");
        passwordFile("other:*:*:*:" + SECRET);
        assertMissing("no line of password file \"" + file + "\" matches host \"127.0.0.1\", port \"" + server.port()
                + "\", database \"postgres\", user \"alice\"");
        passwordFile("*:*:*:*:");
        assertMissing("the password of .pgpass:1 is empty");
        Directories.permit(passwordFile("*:*:*:*:" + SECRET), "rw-r-----");
        assertMissing("password file \"" + file
                + "\" was ignored: it has group or world access; permissions should be u=rw (0600) or less");
        ConnectFailedException failure = failure(Sources.of(alice()));
        assertThat(failure.getMessage()).endsWith("there is no password file, since the home directory is not known");
    }

    private void assertMissing(String why) {
        ConnectFailedException failure = failure(source(alice()));
        assertThat(failure.getMessage())
                .isEqualTo("connection to server at \"127.0.0.1\", port " + server.port()
                        + " failed: fe_sendauth: no password supplied\n" + why);
        assertThat(failure.getSQLState()).isEqualTo("28P01");
    }

    @Test
    void a_wrong_password_of_a_password_file_is_blamed_on_the_file() {
        Path file = passwordFile("*:*:*:*:" + WRONG);
        ConnectFailedException failure = failure(source(alice()));
        assertThat(failure.getSQLState()).isEqualTo("28P01");
        assertThat(failure.getMessage())
                .startsWith("connection to server at \"127.0.0.1\", port " + server.port() + " failed: FATAL: ")
                .endsWith("\npassword retrieved from file \"" + file + '"');
    }

    @Test
    void a_wrong_password_of_the_string_is_not_blamed_on_the_file() {
        passwordFile("*:*:*:*:" + SECRET);
        ConnectFailedException failure = failure(source(alice() + " password=" + WRONG));
        assertThat(failure.getSQLState()).isEqualTo("28P01");
        assertThat(failure.getMessage()).doesNotContain("retrieved from file");
    }

    @Test
    void a_rotated_password_counts_at_the_next_opening() throws SQLException {
        passwordFile("*:*:*:carol:before");
        LibpqDataSource source = source("user=carol " + server.tcp());
        assertThat(Ask.one(source, WHO)).isEqualTo("carol");
        server.run("ALTER ROLE carol PASSWORD 'after'");
        assertThat(failure(source).getSQLState()).isEqualTo("28P01");
        passwordFile("*:*:*:carol:after");
        assertThat(Ask.one(source, WHO)).isEqualTo("carol");
    }

    @Test
    void the_caller_may_name_the_user_and_the_password() throws SQLException {
        passwordFile("*:*:*:*:" + WRONG);
        LibpqDataSource source = source(alice() + " password=" + SECRET);
        try (var connection = source.getConnection("bob", "of bob")) {
            assertThat(Ask.one(connection, WHO)).isEqualTo("bob");
        }
        try (var connection = source.getConnection(null, SECRET)) {
            assertThat(Ask.one(connection, WHO)).isEqualTo("alice");
        }
        assertThat(catchThrowableOfType(SQLException.class, () -> source.getConnection("bob", SECRET))
                        .getSQLState())
                .isEqualTo("28P01");
        passwordFile("*:*:*:bob:of bob");
        try (var connection = source.getConnection("bob", null)) {
            assertThat(Ask.one(connection, WHO)).isEqualTo("bob");
        }
    }

    @Test
    void a_url_of_pgjdbcs_is_given_to_pgjdbc() throws SQLException {
        passwordFile("*:*:*:*:" + WRONG);
        String url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres";
        assertAlice(source(url + "?user=alice&password=" + SECRET));
        try (var connection = source(url).getConnection("alice", SECRET)) {
            assertThat(Ask.one(connection, WHO)).isEqualTo("alice");
        }
    }

    @Test
    void a_password_in_a_url_of_pgjdbcs_goes_before_the_callers() throws SQLException {
        String url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?user=alice&password=" + SECRET;
        try (var connection = source(url).getConnection("bob", WRONG)) {
            assertThat(Ask.one(connection, WHO)).isEqualTo("alice");
        }
    }

    @Test
    void a_url_of_pgjdbcs_keeps_its_parameters_but_for_the_passwords() throws SQLException {
        String server = "jdbc:postgresql://127.0.0.1:" + PasswordsTest.server.port() + "/postgres";
        String url = server + "?password=" + WRONG
                + "&ApplicationName=a%26b&user=alice&sslpassword=" + SECRET
                + "&readOnly&password=" + URLEncoder.encode(SECRET, StandardCharsets.UTF_8);
        try (LogCapture ours = new LogCapture();
                PgjdbcLog theirs = PgjdbcLog.atEveryLevel();
                var connection = source(url).getConnection()) {
            assertThat(Ask.one(connection, WHO)).isEqualTo("alice");
            assertThat(Ask.one(connection, "SHOW application_name")).isEqualTo("a&b");
            assertThat(connection.getMetaData().getURL())
                    .isEqualTo(server + "?ApplicationName=a%26b&user=alice&readOnly");
            assertThat(ours.everything() + theirs.everything())
                    .contains(server + "?ApplicationName")
                    .doesNotContain(WRONG)
                    .doesNotContain(SECRET)
                    .doesNotContain("Sesam");
        }
    }

    @Test
    void the_secret_is_in_no_exception_and_in_no_log() throws SQLException {
        String uri = "postgres://alice:" + SECRET + "@127.0.0.1:" + server.port() + "/";
        StringBuilder seen = new StringBuilder();
        try (LogCapture ours = new LogCapture();
                PgjdbcLog theirs = PgjdbcLog.atEveryLevel()) {
            LibpqDataSource right = source(uri + "postgres?sslcompression=1");
            assertAlice(right);
            seen.append(right);
            passwordFile("*:*:*:*:" + SECRET);
            assertAlice(source(alice()));
            for (LibpqDataSource failing : List.of(
                    source(uri + "no_such_database"),
                    source("user=bob password=" + SECRET + " " + server.tcp()),
                    source("user=bob " + server.tcp()),
                    source("user=alice password=" + SECRET + " host=name.invalid"),
                    source("user=alice password=" + SECRET + " host=/no/such/directory"),
                    source("user=alice password=" + SECRET + " target_session_attrs=standby " + server.tcp()))) {
                ConnectFailedException failure = failure(failing);
                seen.append(failing).append(text(failure)).append(failure.attempts());
                failure.attempts().forEach(attempt -> seen.append(attempt.candidate()));
            }
            assertThat(theirs.everything()).as("pgjdbc logs while it connects").isNotEmpty();
            seen.append(ours.everything()).append(theirs.everything());
        }
        assertThat(seen.toString()).doesNotContain(SECRET).doesNotContain("Sesam");
    }

    private static String text(Throwable thrown) {
        // A stack trace has the causes and what is suppressed.
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static ConnectFailedException failure(LibpqDataSource source) {
        return catchThrowableOfType(ConnectFailedException.class, source::getConnection);
    }

    private static void assertAlice(LibpqDataSource source) throws SQLException {
        assertThat(Ask.one(source, WHO)).isEqualTo("alice");
    }

    private static String alice() {
        return "user=alice " + server.tcp();
    }

    private Path passwordFile(String... lines) {
        return Directories.writeSecret(home.resolve(".pgpass"), lines);
    }

    private LibpqDataSource source(String conninfo) {
        return Sources.of(conninfo, home, Map.of());
    }
}
