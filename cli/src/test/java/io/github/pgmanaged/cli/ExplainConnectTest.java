package io.github.pgmanaged.cli;

import static io.github.pgmanaged.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.testing.TestCertificate;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code explain --connect} says of a session, on a server that knows TLS. */
@Timeout(120)
class ExplainConnectTest {
    @TempDir
    private static Path files;

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws Exception {
        Path certificate = files.resolve("certificate.pem");
        Path key = files.resolve("key.pem");
        TestCertificate.make(files).write(certificate, key);
        postgres = EmbeddedPostgres.builder()
                .setPGStartupWait(Duration.ofMinutes(1))
                .setServerConfig("ssl", "on")
                .setServerConfig("ssl_cert_file", certificate.toString())
                .setServerConfig("ssl_key_file", key.toString())
                .start();
        try (Connection connection = new LibpqDataSource(to("postgres")).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
            statement.execute("CREATE ROLE worker LOGIN IN ROLE postgres");
            statement.execute("ALTER ROLE worker SET role TO postgres");
            statement.execute("ALTER ROLE worker SET search_path TO books, public");
        }
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    private static String to(String database) {
        return "host=127.0.0.1 user=postgres dbname=" + database + " port=" + postgres.getPort();
    }

    @Test
    void the_session_is_described() {
        Run run = run("explain", "--connect", to("latin") + " user=worker options='-c TimeZone=Pacific/Auckland'");
        assertThat(run.status()).as(run.toString()).isZero();
        assertThat(run.out())
                .contains("user worker, role postgres, database latin, TLS: TLSv1.")
                .contains("certificate of CN=localhost, until 2")
                .contains("date style ISO, ")
                .contains("encoding UTF8 (client)")
                .contains("search path books, public (user)")
                .contains("not as in psql: client_encoding is UTF8 here, and there that of the locale, or else the"
                        + " database's, LATIN1")
                .containsPattern("opened in [0-9.]+ ms, round trip [0-9.]+ ms")
                .doesNotContain("psql: TimeZone")
                .doesNotContain("psql: search_path");
    }

    @Test
    void a_program_gets_json() throws SQLException {
        Run run = run(
                "explain",
                "--json",
                "--connect",
                to("postgres") + " password=hunter2 application_name='a \"quoted\" \\\\ name\u00e9\t'");
        assertThat(run.status()).as(run.toString()).isZero();
        assertThat(run.out()).doesNotContain("hunter2");
        assertThat(json(run.out(), "leads_to,reached")).isEqualTo("true");
        assertThat(json(run.out(), "leads_to,database")).isEqualTo("postgres");
        assertThat(json(run.out(), "leads_to,certificate_subject")).isEqualTo("CN=localhost");
        assertThat(json(run.out(), "tried,0,server")).isEqualTo("127.0.0.1:" + postgres.getPort());
        assertThat(json(run.out(), "servers,0,addresses,0")).isEqualTo("127.0.0.1");
        assertThat(json(run.out(), "servers,0,password_from")).isEqualTo("string");
        assertThat(run.out()).contains("a \\\"quoted\\\" \\\\ name\u00e9\\t");
    }

    @Test
    void a_program_learns_why_a_string_leads_nowhere() throws SQLException {
        Run run = run("explain", "--json", "--connect", to("nowhere"));
        assertThat(run.status()).isEqualTo(1);
        assertThat(json(run.out(), "leads_to,reached")).isEqualTo("false");
        assertThat(json(run.out(), "leads_to,sqlstate")).isEqualTo("3D000");
        assertThat(json(
                        run("explain", "--json", "jdbc:postgresql://localhost/a?password=hunter2")
                                .out(),
                        "string"))
                .startsWith("jdbc:postgresql://localhost/a")
                .doesNotContain("hunter2");
    }

    /** A part of it, by a real parser. */
    private static String json(String text, String path) throws SQLException {
        try (Connection connection = new LibpqDataSource(to("postgres")).getConnection();
                PreparedStatement statement = connection.prepareStatement("SELECT ?::json #>> ?::text[]")) {
            statement.setString(1, text);
            statement.setString(2, '{' + path + '}');
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    @Tag("long")
    @Test
    void a_server_that_says_nothing_is_left_without_connect_timeout_too() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Run run = run("explain", "--connect", "host=127.0.0.1 user=me port=" + silent.getLocalPort());
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.out()).contains("failed: timeout expired");
        }
    }

    /** It is a server, whatever becomes of the questions. */
    @Test
    void a_server_that_hangs_up_on_questions_was_reached() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> server = CompletableFuture.runAsync(() -> beginAndHangUp(listening));
            Run run = run(
                    "explain",
                    "--json",
                    "--connect",
                    "host=127.0.0.1 user=me sslmode=disable port=" + listening.getLocalPort());
            server.get(1, TimeUnit.MINUTES);
            assertThat(run.status()).as(run.toString()).isZero();
            assertThat(json(run.out(), "leads_to,reached")).isEqualTo("true");
            assertThat(json(run.out(), "leads_to,error")).isNotEmpty();
            assertThat(json(run.out(), "leads_to,sqlstate")).startsWith("08");
        }
    }

    private static void beginAndHangUp(ServerSocket listening) {
        try (Socket client = listening.accept()) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            in.readFully(new byte[in.readInt() - 4]);
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            say(out, 'R', "\0\0\0\0");
            say(out, 'S', "server_version\0" + "17.0\0");
            say(out, 'S', "client_encoding\0UTF8\0");
            say(out, 'S', "DateStyle\0ISO, MDY\0");
            say(out, 'S', "integer_datetimes\0on\0");
            say(out, 'S', "standard_conforming_strings\0on\0");
            say(out, 'Z', "I");
            in.readByte();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void say(DataOutputStream out, char type, String content) throws IOException {
        out.write(type);
        out.writeInt(4 + content.length());
        out.writeBytes(content);
    }

    @Test
    void a_password_that_is_not_found_is_said_to_be_and_why() throws IOException {
        Path file = Files.writeString(files.resolve("passwords"), "other:*:*:*:hunter2\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(run("explain", to("a") + " passfile=" + file).out())
                .contains("; no password: no line of password file \"" + file + "\" matches host \"127.0.0.1\"");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(run("explain", to("a") + " passfile=" + file).out())
                .contains("; no password: password file \"" + file + "\" was ignored: it has group or world access");
    }

    @Test
    void a_slip_gets_its_correction_and_a_usage_error_one_hint() {
        Run slip = run("explain", "host=a database=b");
        assertThat(slip.status()).isEqualTo(2);
        assertThat(slip.err().lines())
                .containsExactly(
                        "pgmanaged: Invalid connection string: invalid connection option \"database\" (did you mean"
                                + " \"dbname\"?)",
                        "Try 'pgmanaged explain --help'.");
        assertThat(run("explain", "localhost:5432/books").err()).contains("(a URI begins with postgres://");
        Run usage = run("explain", "--nonsense");
        assertThat(usage.status()).isEqualTo(2);
        assertThat(usage.err().lines())
                .containsExactly("pgmanaged: Not understood: --nonsense", "Try 'pgmanaged explain --help'.");
        assertThat(run("nonsense").err().lines()).hasSize(2).last().isEqualTo("Try 'pgmanaged --help'.");
    }
}
