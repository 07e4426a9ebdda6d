package io.github.pgmanaged.conninfo.internal.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.github.pgmanaged.conninfo.Ask;
import io.github.pgmanaged.conninfo.Sources;
import io.github.pgmanaged.conninfo.TalkingServer;
import io.github.pgmanaged.conninfo.internal.tls.TestCertificates;
import io.github.pgmanaged.conninfo.internal.tls.TestCertificates.Authority;
import io.github.pgmanaged.conninfo.internal.tls.TestCertificates.Identity;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The key of a cancel request ends somebody's statements: it goes in clear only where everything does. */
@Timeout(120)
class CancelTest {
    /** All that a client sends after it has asked for TLS, if it sends nothing else. */
    private static final String QUESTION = hex(
            ByteBuffer.allocate(8).putInt(8).putInt(TalkingServer.SSL_REQUEST).array());

    private static final String CANCEL =
            hex(ByteBuffer.allocate(4).putInt(TalkingServer.CANCEL_REQUEST).array());

    @TempDir
    private static Path files;

    private static Authority root;
    private static EmbeddedPostgres postgres;

    /** What each client has sent, as digits. */
    private final List<ByteArrayOutputStream> sent = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        root = Authority.root("root");
        Identity server = root.leaf("server", "RSA", "localhost");
        Files.writeString(files.resolve("root.crt"), root.pem());
        Path certificate = Files.writeString(files.resolve("server.crt"), server.pem());
        Path key = Files.writeString(files.resolve("server.key"), TestCertificates.pkcs8(server.key()));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Path access = Files.writeString(
                files.resolve("pg_hba.conf"), "hostssl all secure all trust\nhost all postgres all trust\n");
        postgres = EmbeddedPostgres.builder()
                .setPGStartupWait(Duration.ofMinutes(1))
                .setServerConfig("ssl", "on")
                .setServerConfig("ssl_cert_file", certificate.toString())
                .setServerConfig("ssl_key_file", key.toString())
                .setServerConfig("hba_file", access.toString())
                .start();
        try (Connection connection = superuser();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE secure LOGIN");
        }
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user=secure sslmode=verify-full",
                "user=secure sslmode=verify-full sslnegotiation=direct",
                "user=secure sslmode=prefer",
                "user=postgres sslmode=allow"
            })
    void a_cancel_request_is_encrypted_where_the_session_is(String parameters) throws Exception {
        boolean encrypted = !parameters.contains("allow");
        try (TalkingServer proxy = new TalkingServer(this::recorded)) {
            assertCancels(proxy, parameters);
            assertThat(sent).hasSizeGreaterThan(1);
            assertThat(sent.stream().anyMatch(bytes -> hex(bytes.toByteArray()).contains(CANCEL)))
                    .isEqualTo(!encrypted);
        }
    }

    @Test
    void what_cannot_be_encrypted_is_not_sent() throws Exception {
        try (TalkingServer proxy = new TalkingServer((in, out) -> {
                    if (sent.isEmpty()) {
                        recorded(in, out);
                    } else {
                        ByteArrayOutputStream second = new ByteArrayOutputStream();
                        sent.add(second);
                        second.write(in.readNBytes(8));
                        out.write('N');
                        in.transferTo(second);
                    }
                });
                Connection connection =
                        Sources.of(to(proxy) + " user=secure sslmode=require").getConnection();
                Statement statement = connection.createStatement()) {
            CompletableFuture<Void> sleeping = sleeping(connection, statement, new AtomicReference<>());
            statement.cancel();
            assertThat(sent).hasSize(2);
            await().until(() -> proxy.staying() == 1);
            assertThat(hex(sent.get(1).toByteArray())).isEqualTo(QUESTION);
            end(sleeping);
        }
    }

    /** Of the same authority, but for another name: whoever has that one's key is not the session's server. */
    @Test
    void what_another_server_would_get_is_not_sent() throws Exception {
        AtomicInteger heard = new AtomicInteger();
        try (TalkingServer another = new TalkingServer(
                        root.leaf("another", "RSA", "another.example").server(), (in, out) -> {
                            in.readByte();
                            heard.incrementAndGet();
                        });
                TalkingServer proxy = new TalkingServer(
                        (in, out) -> recorded(in, out, sent.isEmpty() ? postgres.getPort() : another.port()));
                Connection connection = Sources.of(to(proxy) + " user=secure sslmode=verify-full")
                        .getConnection();
                Statement statement = connection.createStatement()) {
            CompletableFuture<Void> sleeping = sleeping(connection, statement, new AtomicReference<>());
            statement.cancel();
            await().until(() -> another.visits() == 1 && another.staying() == 0);
            assertThat(heard).hasValue(0);
            end(sleeping);
        }
    }

    private static void end(CompletableFuture<Void> sleeping) throws Exception {
        assertThat(sleeping).isNotDone();
        try (Connection other = superuser()) {
            Ask.one(other, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
        }
        sleeping.get(1, TimeUnit.MINUTES);
    }

    private static void assertCancels(TalkingServer proxy, String parameters) throws Exception {
        try (Connection connection = Sources.of(to(proxy) + ' ' + parameters).getConnection();
                Statement statement = connection.createStatement()) {
            AtomicReference<String> state = new AtomicReference<>();
            CompletableFuture<Void> sleeping = sleeping(connection, statement, state);
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                statement.cancel();
                return sleeping.isDone();
            });
            sleeping.get(1, TimeUnit.MINUTES);
            assertThat(state).hasValue("57014");
        }
    }

    /** Sleeps on the server, and waits until it does. */
    private static CompletableFuture<Void> sleeping(
            Connection connection, Statement statement, AtomicReference<String> state) throws SQLException {
        String pid = Ask.one(connection, "SELECT pg_backend_pid()");
        CompletableFuture<Void> sleeping =
                CompletableFuture.runAsync(() -> assertThatExceptionOfType(SQLException.class)
                        .isThrownBy(() -> statement.execute("SELECT pg_sleep(600)"))
                        .satisfies(e -> state.set(e.getSQLState())));
        try (Connection other = superuser()) {
            String question = "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = " + pid;
            await().atMost(Duration.ofSeconds(60)).until(() -> "t".equals(Ask.one(other, question)));
        }
        return sleeping;
    }

    private static Connection superuser() throws SQLException {
        return Sources.of("host=localhost user=postgres dbname=postgres port=" + postgres.getPort())
                .getConnection();
    }

    private static String to(TalkingServer proxy) {
        return "host=localhost hostaddr=127.0.0.1 dbname=postgres port=" + proxy.port() + " sslrootcert="
                + files.resolve("root.crt");
    }

    /** Passes on what both say, and keeps what the client says. */
    private void recorded(DataInputStream in, DataOutputStream out) throws IOException {
        recorded(in, out, postgres.getPort());
    }

    private void recorded(DataInputStream in, DataOutputStream out, int port) throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        sent.add(said);
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread answers = new Thread(() -> copy(stream(server), out, new ByteArrayOutputStream()));
            answers.setDaemon(true);
            answers.start();
            copy(in, server.getOutputStream(), said);
        }
    }

    private static InputStream stream(Socket server) {
        try {
            return server.getInputStream();
        } catch (IOException e) {
            return InputStream.nullInputStream();
        }
    }

    private static void copy(InputStream from, OutputStream to, ByteArrayOutputStream kept) {
        byte[] bytes = new byte[8192];
        try {
            int count = from.read(bytes);
            while (count >= 0) {
                kept.write(bytes, 0, count);
                to.write(bytes, 0, count);
                to.flush();
                count = from.read(bytes);
            }
            to.close();
        } catch (IOException e) {
            // One of them has gone.
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
