package io.github.pgmanaged.conninfo.internal.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.pgmanaged.conninfo.Ask;
import io.github.pgmanaged.conninfo.ConnectFailedException;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.RealServer;
import io.github.pgmanaged.conninfo.Sources;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.SocketTimeoutException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/** Connections over Unix-domain sockets. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class UnixSocketTest {
    private static final String WHERE = "SELECT coalesce(host(inet_server_addr()), 'socket')";
    private static final String ABSTRACT =
            "@pgmanaged-" + ProcessHandle.current().pid();

    private static RealServer server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException, SQLException {
        List<String> access = new ArrayList<>(List.of("local all scrammer scram-sha-256"));
        access.addAll(RealServer.TRUST);
        String directories = OS.current() == OS.LINUX ? "{sockets}," + ABSTRACT : "{sockets}";
        server = RealServer.start(access, Map.of("unix_socket_directories", directories));
        server.run("CREATE ROLE scrammer LOGIN PASSWORD 'over the socket'");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @AfterEach
    void unlink() throws IOException {
        Files.deleteIfExists(directory.resolve(".s.PGSQL.1"));
    }

    @Test
    void a_host_that_is_a_directory_is_a_socket() throws SQLException {
        assertThat(Ask.one(source("user=postgres " + server.socket()), WHERE)).isEqualTo("socket");
        assertThat(Ask.one(source("user=postgres " + server.tcp()), WHERE)).isEqualTo("127.0.0.1");
    }

    @Test
    void a_timeout_of_reads_ends_no_write_that_the_server_is_slow_to_take() throws Exception {
        byte[] many = new byte[4_000_000];
        java.util.Arrays.fill(many, (byte) 'Q');
        org.newsclub.net.unix.AFUNIXSocketAddress path =
                org.newsclub.net.unix.AFUNIXSocketAddress.of(directory.resolve("slow"));
        try (var listening = org.newsclub.net.unix.AFUNIXServerSocket.bindOn(path);
                StartSocket socket = UnixSocketImpl.to(path, new java.util.Properties())) {
            socket.connect(UnixSocketImpl.IGNORED);
            try (var peer = listening.accept()) {
                socket.setSoTimeout(20);
                assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
                socket.setSoTimeout(0);
                CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                    try {
                        socket.getOutputStream().write(many);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
                await().during(Duration.ofMillis(200)).until(() -> !writing.isDone());
                assertThat(peer.getInputStream().readNBytes(many.length)).hasSize(many.length);
                writing.get(20, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void a_host_of_a_uri_may_be_a_directory() throws SQLException {
        String encoded = URLEncoder.encode(server.sockets().toString(), UTF_8);
        assertThat(Ask.one(source("postgres://postgres@" + encoded + ":" + server.port() + "/postgres"), WHERE))
                .isEqualTo("socket");
        assertThat(Ask.one(
                        source("postgres:///postgres?user=postgres&host=" + server.sockets() + "&port="
                                + server.port()),
                        WHERE))
                .isEqualTo("socket");
    }

    @Test
    void the_directory_may_come_from_PGHOST() throws SQLException {
        Map<String, String> variables =
                Map.of("PGHOST", server.sockets().toString(), "PGPORT", "" + server.port(), "PGDATABASE", "postgres");
        assertThat(Ask.one(Sources.of("user=postgres", directory, variables), WHERE))
                .isEqualTo("socket");
    }

    @Test
    void without_a_host_the_default_directory_with_a_socket_is_taken() throws SQLException {
        Environment environment = Environment.empty()
                .withOsUser("postgres")
                .withSocketDirectories(
                        List.of(directory.toString(), server.sockets().toString()));
        assertThat(Ask.one(Sources.of("port=" + server.port(), environment), WHERE))
                .isEqualTo("socket");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_host_that_begins_with_an_at_sign_is_in_the_abstract_namespace() throws SQLException {
        LibpqDataSource source = source("host=" + ABSTRACT + " port=" + server.port() + " user=postgres");
        assertThat(Ask.one(source, WHERE)).isEqualTo("socket");
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            CompletableFuture<Void> running = sleeping(statement);
            statement.cancel();
            assertCancelled(running);
        }
        LibpqDataSource nobody = source("host=@pgmanaged-nobody port=" + server.port() + " user=postgres");
        assertThatThrownBy(nobody::getConnection)
                .hasMessage("connection to server on socket \"@pgmanaged-nobody/.s.PGSQL." + server.port()
                        + "\" failed: Connection refused\n"
                        + "\tIs the server running locally and accepting connections on that socket?");
    }

    @Test
    void a_query_is_cancelled_over_the_socket() throws Exception {
        try (Connection connection = onlyOverTheSocket().getConnection();
                Statement statement = connection.createStatement()) {
            CompletableFuture<Void> running = sleeping(statement);
            statement.cancel();
            assertCancelled(running);
            assertThat(Ask.one(connection, "SELECT 'still here'")).isEqualTo("still here");
        }
    }

    @Test
    void a_query_timeout_cancels_over_the_socket() throws Exception {
        try (Connection connection = onlyOverTheSocket().getConnection();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            assertThat(sqlState(() -> statement.execute("SELECT pg_sleep(60)"))).isEqualTo("57014");
            assertThat(Ask.one(connection, "SELECT 'still here'")).isEqualTo("still here");
        }
    }

    @Test
    void an_abort_ends_a_read() throws Exception {
        try (Connection connection = source("user=postgres " + server.socket()).getConnection();
                Statement statement = connection.createStatement()) {
            CompletableFuture<Void> running = sleeping(statement);
            connection.abort(Runnable::run);
            assertThatThrownBy(() -> running.get(30, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        }
    }

    @Test
    void a_network_timeout_ends_a_read() throws SQLException {
        try (Connection connection = source("user=postgres " + server.socket()).getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(connection.getNetworkTimeout()).isZero();
            connection.setNetworkTimeout(Runnable::run, 300);
            assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(60)"))
                    .hasRootCauseInstanceOf(SocketTimeoutException.class);
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void waiting_for_a_notification_ends_when_the_time_is_over_and_leaves_the_connection_sound() throws SQLException {
        try (Connection connection = source("user=postgres " + server.socket()).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("LISTEN news");
            PGConnection listening = connection.unwrap(PGConnection.class);
            assertThat(listening.getNotifications(200)).isEmpty();
            server.run("NOTIFY news, 'hot'");
            assertThat(listening.getNotifications(60_000))
                    .extracting(notification -> notification.getParameter())
                    .containsExactly("hot");
        }
    }

    @Test
    void connect_timeout_does_not_outlive_the_opening() throws SQLException {
        try (Connection connection =
                source("connect_timeout=3 user=postgres " + server.socket()).getConnection()) {
            assertThat(Ask.one(connection, "SELECT 'slow' FROM pg_sleep(3.5)")).isEqualTo("slow");
        }
    }

    @Test
    void a_path_that_is_too_long_is_refused_in_libpqs_words() {
        String host = "/" + "d".repeat(120);
        assertThatThrownBy(source("user=postgres host=" + host)::getConnection)
                .isInstanceOf(ConnectFailedException.class)
                .hasMessage("Unix-domain socket path \"" + host + "/.s.PGSQL.5432\" is too long (maximum 107 bytes)");
    }

    @Test
    void a_missing_socket_is_told_in_libpqs_words() {
        assertThatThrownBy(source("user=postgres host=" + directory)::getConnection)
                .isInstanceOf(ConnectFailedException.class)
                .hasMessage("connection to server on socket \"" + directory
                        + "/.s.PGSQL.5432\" failed: No such file or directory\n"
                        + "\tIs the server running locally and accepting connections on that socket?");
    }

    @Test
    void a_password_is_asked_for_and_given_over_the_socket() throws SQLException {
        LibpqDataSource known = source("user=scrammer password='over the socket' " + server.socket());
        assertThat(Ask.one(known, "SELECT current_user || ' ' || " + WHERE.substring(7)))
                .isEqualTo("scrammer socket");
        LibpqDataSource wrong = source("user=scrammer password=wrong " + server.socket());
        assertThat(sqlState(wrong::getConnection)).isEqualTo("28P01");
    }

    @Test
    void many_openings_leave_no_socket_and_no_thread_behind() throws SQLException {
        LibpqDataSource good = source("connect_timeout=60 user=postgres " + server.socket());
        LibpqDataSource refused = source("connect_timeout=60 user=scrammer password=wrong " + server.socket());
        LibpqDataSource dead = source("connect_timeout=60 user=postgres host=" + directory);
        openings(3, good, refused, dead);
        long files = openFiles();
        int threads = ManagementFactory.getThreadMXBean().getThreadCount();
        openings(50, good, refused, dead);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(openFiles()).isLessThan(files + 10));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(ManagementFactory.getThreadMXBean().getThreadCount())
                                .isLessThan(threads + 10));
    }

    private static void openings(int count, LibpqDataSource good, LibpqDataSource refused, LibpqDataSource dead)
            throws SQLException {
        for (int i = 0; i < count; i++) {
            assertThat(Ask.one(good, WHERE)).isEqualTo("socket");
            assertThat(sqlState(refused::getConnection)).isEqualTo("28P01");
            assertThat(sqlState(dead::getConnection)).isEqualTo("08001");
        }
    }

    private static long openFiles() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }

    /** The server's socket under the name of a port that nothing listens on, so that TCP would not lead there. */
    private LibpqDataSource onlyOverTheSocket() throws IOException {
        Files.createSymbolicLink(
                directory.resolve(".s.PGSQL.1"), server.sockets().resolve(".s.PGSQL." + server.port()));
        return source("user=postgres dbname=postgres port=1 host=" + directory);
    }

    private static CompletableFuture<Void> sleeping(Statement statement) throws SQLException {
        String pid = Ask.one(statement.getConnection(), "SELECT pg_backend_pid()");
        CompletableFuture<Void> running = CompletableFuture.runAsync(() -> {
            try {
                statement.execute("SELECT pg_sleep(60)");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(
                        () -> server.ask("SELECT wait_event FROM pg_stat_activity WHERE pid = " + pid),
                        "PgSleep"::equals);
        return running;
    }

    private static void assertCancelled(CompletableFuture<Void> running) {
        ExecutionException ended = catchThrowableOfType(ExecutionException.class, running::get);
        assertThat(ended.getCause().getCause())
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
    }

    private static String sqlState(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(SQLException.class, call).getSQLState();
    }

    private static LibpqDataSource source(String conninfo) {
        return Sources.of(conninfo);
    }
}
