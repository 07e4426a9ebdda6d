package io.github.pgmanaged.conninfo.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.github.pgmanaged.conninfo.Ask;
import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.FakeServer;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.RealServer;
import io.github.pgmanaged.conninfo.internal.tls.TestCertificates;
import io.github.pgmanaged.conninfo.internal.tls.TlsSocketFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing here has a timeout of its own: each call ends because the sockets are closed. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class SocketOwnerTest {
    private static final String WORKER = "waits for a server";

    /** Much less than a server that says nothing would take, and enough for a machine that is busy. */
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private static RealServer server;

    @TempDir
    private Path directory;

    private final SocketOwner owner = new SocketOwner();

    @BeforeAll
    static void start() throws IOException {
        server = RealServer.start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void closing_ends_dialling_over_tcp() throws Exception {
        try (FullServer full = FullServer.tcp()) {
            Waiting dialling =
                    waiting(() -> owner.whileOpening(() -> full.factory().createSocket()));
            dialling.until("sun.nio.ch.NioSocketImpl", "connect");
            assertThat(dialling.endedByClosing(owner)).isInstanceOf(IOException.class);
        }
    }

    /** The system call would wait, and closing the socket would not end it. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void closing_ends_dialling_over_a_unix_domain_socket() throws Exception {
        try (FullServer full = FullServer.unix(directory.resolve(".s.PGSQL.5432"))) {
            Waiting dialling =
                    waiting(() -> owner.whileOpening(() -> full.factory().createSocket()));
            dialling.until(UnixSocketImpl.class.getName(), "dial");
            assertThat(dialling.endedByClosing(owner))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(LibpqSocketFactory.UnreachableException.class);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void dialling_a_unix_domain_socket_without_room_is_bounded_and_goes_on_when_there_is_room() throws Exception {
        try (FullServer full = FullServer.unix(directory.resolve(".s.PGSQL.5432"))) {
            LibpqSocketFactory bounded = full.factory(Map.of("connectTimeout", "1"));
            assertThatExceptionOfType(LibpqSocketFactory.UnreachableException.class)
                    .isThrownBy(bounded::createSocket)
                    .withMessageContaining("timed out");
            Waiting dialling = waiting(() -> full.factory().createSocket());
            dialling.until(UnixSocketImpl.class.getName(), "dial");
            full.makeRoom();
            dialling.assertEnds();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 600})
    void closing_ends_an_opening_that_the_server_does_not_answer(int loginTimeout) throws Exception {
        try (FakeServer silent = FakeServer.silent()) {
            LibpqDataSource source = source("user=me sslmode=disable host=127.0.0.1 port=" + silent.port());
            source.setLoginTimeout(loginTimeout);
            Waiting opening = waiting(() -> owner.whileOpening(source::getConnection));
            opening.until("sun.nio.ch.NioSocketImpl", "read");
            assertThat(opening.endedByClosing(owner)).isInstanceOf(SQLException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&loginTimeout=600"})
    void the_sockets_of_a_jdbc_url_are_owned_too(String parameters) throws Exception {
        try (FakeServer silent = FakeServer.silent()) {
            LibpqDataSource source =
                    source("jdbc:postgresql://127.0.0.1:" + silent.port() + "/a?user=me&sslmode=disable" + parameters);
            Waiting opening = waiting(() -> owner.whileOpening(source::getConnection));
            opening.until("sun.nio.ch.NioSocketImpl", "read");
            assertThat(owner.isEmpty()).isFalse();
            assertThat(opening.endedByClosing(owner)).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void a_factory_that_a_jdbc_url_names_goes_before_ours() throws Exception {
        LibpqDataSource source = source("jdbc:postgresql://127.0.0.1:" + server.port()
                + "/postgres?user=postgres&socketFactory=" + Plain.class.getName());
        try (Connection connection = owner.whileOpening(source::getConnection)) {
            assertThat(Ask.one(connection, "SELECT 1")).isEqualTo("1");
            assertThat(owner.isEmpty()).isTrue();
        }
    }

    /** Made by pgjdbc. */
    public static final class Plain extends javax.net.SocketFactory {
        @Override
        public Socket createSocket() {
            return new Socket();
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
            throw new UnsupportedOperationException();
        }
    }

    /** With prefer, a failed agreement on TLS leads to an attempt without it; not here. */
    @ParameterizedTest
    @ValueSource(strings = {"require", "prefer"})
    void closing_ends_a_tls_handshake_with_a_server_that_is_frozen(String sslmode) throws Exception {
        try (ServerSocket frozen = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            LibpqDataSource source = source("user=me gssencmode=disable sslmode=" + sslmode
                    + " host=127.0.0.1,127.0.0.1 port=" + frozen.getLocalPort());
            Waiting opening = waiting(() -> owner.whileOpening(source::getConnection));
            try (Socket client = frozen.accept()) {
                client.getInputStream().readNBytes(8);
                client.getOutputStream().write('S');
                opening.until("sun.security.ssl.SSLSocketImpl", "startHandshake");
                assertThat(opening.endedByClosing(owner)).isInstanceOf(SQLException.class);
            }
            frozen.setSoTimeout(1);
            assertThatExceptionOfType(IOException.class).as("another attempt").isThrownBy(frozen::accept);
        }
    }

    @Test
    void closing_ends_a_write_over_tls_to_a_peer_that_reads_nothing() throws Exception {
        try (SSLServerSocket peer = tlsServer()) {
            CompletableFuture<SSLSocket> accepted = CompletableFuture.supplyAsync(() -> shakenHands(peer));
            Socket raw = owner.whileOpening(() -> new LibpqSocketFactory(to(peer)).createSocket());
            SSLSocket tls = (SSLSocket)
                    new TlsSocketFactory(new Properties()).createSocket(raw, "localhost", peer.getLocalPort(), true);
            tls.startHandshake();
            try (SSLSocket deaf = accepted.get(1, TimeUnit.MINUTES)) {
                Waiting writing = writing(tls);
                writing.until("sun.nio.ch.NioSocketImpl", "write");
                assertThat(writing.endedByClosing(owner)).isInstanceOf(IOException.class);
                assertThat(deaf.isClosed()).isFalse();
            }
        }
    }

    @Test
    void closing_ends_a_write_over_a_unix_domain_socket_to_a_peer_that_reads_nothing() throws Exception {
        Path path = directory.resolve(".s.PGSQL.5432");
        try (ServerSocketChannel peer = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            peer.bind(UnixDomainSocketAddress.of(path));
            Properties properties = new Properties();
            properties.setProperty(LibpqSocketFactory.UNIX_SOCKET, path.toString());
            Socket socket = owner.whileOpening(() -> new LibpqSocketFactory(properties).createSocket());
            try (SocketChannel deaf = peer.accept()) {
                Waiting writing = writing(socket);
                writing.until("org.newsclub.net.unix.NativeUnixSocket", "write");
                assertThat(writing.endedByClosing(owner)).isInstanceOf(IOException.class);
                assertThat(deaf.isOpen()).isTrue();
            }
        }
    }

    /** Writes until there is no room any more. */
    private static Waiting writing(Socket socket) {
        AtomicInteger written = new AtomicInteger();
        Waiting writing = waiting(() -> {
            while (true) {
                socket.getOutputStream().write(new byte[1 << 16]);
                written.incrementAndGet();
            }
        });
        AtomicInteger seen = new AtomicInteger(-1);
        await().during(Duration.ofMillis(500)).until(() -> seen.getAndSet(written.get()) == written.get());
        return writing;
    }

    @Test
    void closing_ends_a_read_over_tcp() throws Exception {
        endsARead(server.tcp(), "sun.nio.ch.NioSocketImpl", "read");
    }

    @Test
    void closing_ends_a_read_over_a_unix_domain_socket() throws Exception {
        endsARead(server.socket(), "org.newsclub.net.unix.NativeUnixSocket", "read");
    }

    private void endsARead(String where, String type, String method) throws Exception {
        try (Connection connection =
                        owner.whileOpening(source("user=postgres sslmode=disable " + where)::getConnection);
                Statement statement = connection.createStatement()) {
            Waiting reading = waiting(() -> statement.execute("SELECT pg_sleep(600)"));
            reading.until(type, method);
            assertThat(reading.endedByClosing(owner)).isInstanceOf(SQLException.class);
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void the_sockets_of_cancel_requests_belong_to_the_owner_of_the_session() throws Exception {
        for (String where : List.of(server.tcp(), server.socket())) {
            SocketOwner one = new SocketOwner();
            try (Connection connection =
                            one.whileOpening(source("user=postgres sslmode=disable " + where)::getConnection);
                    Statement statement = connection.createStatement()) {
                assertThat(one).hasToString("SocketOwner[sockets: 1]");
                long before = one.lastProgressNanos();
                // Without a call under way nothing is cancelled.
                Waiting running = waiting(() -> statement.execute("SELECT pg_sleep(600)"));
                running.until("org.postgresql.jdbc.PgStatement", "execute");
                await().until(() -> {
                    statement.cancel();
                    return running.end().isDone();
                });
                assertThat(one.lastProgressNanos() - before).isPositive();
                assertThat(one.toString()).matches("SocketOwner\\[sockets: [2-9]]");
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void closing_ends_a_cancel_request_that_is_not_taken() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            LibpqSocketFactory factory = owner.whileOpening(() -> new LibpqSocketFactory(to(listening)));
            try (Socket session = factory.createSocket();
                    FullServer full = FullServer.tcp(listening)) {
                Waiting cancelling = waiting(factory::createSocket);
                cancelling.until("sun.nio.ch.NioSocketImpl", "connect");
                assertThat(cancelling.endedByClosing(owner)).isInstanceOf(IOException.class);
                assertThat(session.isClosed()).isTrue();
                assertThat(full.factory()).isNotNull();
            }
        }
    }

    @Test
    void a_closed_owner_lets_nothing_be_dialled() throws Exception {
        owner.closeAll();
        owner.closeAll();
        assertThat(owner.isClosed()).isTrue();
        try (FakeServer silent = FakeServer.silent()) {
            for (String string : List.of(
                    "user=me sslmode=disable host=127.0.0.1,127.0.0.1 port=" + silent.port(),
                    "user=me host=" + server.sockets() + " port=" + server.port(),
                    "jdbc:postgresql://127.0.0.1:" + silent.port() + "/a?user=me")) {
                assertThatExceptionOfType(SQLException.class)
                        .isThrownBy(() -> owner.whileOpening(source(string)::getConnection))
                        .havingRootCause()
                        .withMessageContaining("The sockets of this session were closed");
            }
            assertThat(silent.visits()).isZero();
        }
        assertThat(owner.isEmpty()).isTrue();
    }

    /** pgjdbc's thread goes on after its time is over, and nobody would close its socket. */
    @Test
    void an_attempt_that_pgjdbc_has_given_up_dials_no_more() throws Exception {
        try (FakeServer silent = FakeServer.silent()) {
            Properties properties = new Properties();
            properties.setProperty(LibpqSocketFactory.ADDRESS, "127.0.0.1");
            properties.setProperty(LibpqSocketFactory.PORT, Integer.toString(silent.port()));
            OwnerTicket ticket = owner.whileOpening(() -> OwnerTicket.issue(properties));
            Properties late = new Properties();
            late.putAll(properties);
            try (Socket inTime = new LibpqSocketFactory(late).createSocket()) {
                assertThat(inTime.isConnected()).isTrue();
                assertThat(owner.isEmpty()).isFalse();
            }
            ticket.withdraw();
            assertThat(properties).doesNotContainKey(OwnerTicket.PROPERTY);
            assertThatExceptionOfType(IOException.class).isThrownBy(new LibpqSocketFactory(late)::createSocket);
        }
    }

    @Test
    void without_an_owner_all_is_as_it_was() throws SQLException {
        for (String string : List.of(
                "user=postgres " + server.tcp(),
                "user=postgres " + server.socket(),
                "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?user=postgres")) {
            assertThat(Ask.one(source(string), "SELECT 1")).isEqualTo("1");
        }
        assertThat(owner.isEmpty()).isTrue();
    }

    @Test
    void an_opening_within_another_has_its_own_owner_and_the_outer_one_is_back_afterwards() {
        SocketOwner inner = new SocketOwner();
        owner.whileOpening(() -> {
            assertThat(SocketOwner.current()).isSameAs(owner);
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> inner.whileOpening(() -> {
                        assertThat(SocketOwner.current()).isSameAs(inner);
                        throw new IllegalStateException();
                    }));
            return assertThat(SocketOwner.current()).isSameAs(owner);
        });
        assertThat(SocketOwner.current()).isNull();
    }

    @Test
    void sockets_that_are_closed_are_forgotten() throws Exception {
        try (FakeServer silent = FakeServer.silent()) {
            Properties properties = new Properties();
            properties.setProperty(LibpqSocketFactory.ADDRESS, "127.0.0.1");
            properties.setProperty(LibpqSocketFactory.PORT, Integer.toString(silent.port()));
            LibpqSocketFactory factory = owner.whileOpening(() -> new LibpqSocketFactory(properties));
            for (int i = 0; i < 10; i++) {
                factory.createSocket().close();
            }
        }
        assertThat(owner).hasToString("SocketOwner[sockets: 1]");
    }

    @Test
    void each_step_of_dialling_is_progress() throws Exception {
        long made = owner.lastProgressNanos();
        try (FakeServer silent = FakeServer.silent();
                Socket socket = new Socket()) {
            owner.register(socket);
            long registered = owner.lastProgressNanos();
            assertThat(registered - made).isPositive();
            assertThat(silent.port()).isPositive();
            owner.connected();
            assertThat(owner.lastProgressNanos() - registered).isPositive();
        }
    }

    private static LibpqDataSource source(String conninfo) {
        return new LibpqDataSource(ConnInfo.parse(conninfo), Environment::empty);
    }

    private static Properties to(ServerSocket listening) {
        Properties properties = new Properties();
        properties.setProperty(
                LibpqSocketFactory.ADDRESS, listening.getInetAddress().getHostAddress());
        properties.setProperty(LibpqSocketFactory.PORT, Integer.toString(listening.getLocalPort()));
        return properties;
    }

    private static SSLServerSocket tlsServer() throws Exception {
        TestCertificates.Identity identity = TestCertificates.selfSigned("peer", "localhost");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("peer", identity.key(), new char[0], new Certificate[] {identity.certificate()});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    private static SSLSocket shakenHands(SSLServerSocket peer) {
        try {
            SSLSocket socket = (SSLSocket) peer.accept();
            socket.setHandshakeApplicationProtocolSelector((s, offered) -> "postgresql");
            socket.startHandshake();
            return socket;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Waiting waiting(Callable<?> call) {
        CompletableFuture<Exception> end = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        call.call();
                        end.complete(null);
                    } catch (Exception e) {
                        end.complete(e);
                    }
                },
                WORKER);
        thread.setDaemon(true);
        thread.start();
        return new Waiting(end);
    }

    /** A call on a thread of its own. */
    private record Waiting(CompletableFuture<Exception> end) {
        /** Waits until the call, or the thread that does it within a time, is in a method. */
        void until(String type, String method) {
            await().until(() -> end.isDone()
                    || Thread.getAllStackTraces().entrySet().stream()
                            .filter(e -> isOurs(e.getKey()))
                            .flatMap(e -> Arrays.stream(e.getValue()))
                            .anyMatch(frame -> frame.getClassName().equals(type)
                                    && frame.getMethodName().equals(method)));
            assertThat(end).as("it has not ended by itself").isNotDone();
        }

        private static boolean isOurs(Thread thread) {
            return thread.getName().equals(WORKER)
                    || thread.getName().equals("pgmanaged-connect")
                    || thread.getName().startsWith("PostgreSQL JDBC driver connection thread");
        }

        Exception endedByClosing(SocketOwner owner) throws Exception {
            long began = System.nanoTime();
            owner.closeAll();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(AT_ONCE);
            return end.get(AT_ONCE.toSeconds(), TimeUnit.SECONDS);
        }

        void assertEnds() throws Exception {
            assertThat(end.get(AT_ONCE.toSeconds(), TimeUnit.SECONDS)).isNull();
        }
    }

    /** A listener whose queue of new connections is full, so that dialling it hangs. */
    private static final class FullServer implements AutoCloseable {
        private final AutoCloseable listening;
        private final Properties properties;
        private final List<AutoCloseable> fillers = new ArrayList<>();

        private FullServer(AutoCloseable listening, Properties properties) {
            this.listening = listening;
            this.properties = properties;
        }

        static FullServer tcp() throws IOException {
            return tcp(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }

        static FullServer tcp(ServerSocket listening) throws IOException {
            FullServer full = new FullServer(listening, to(listening));
            full.fill(() -> {
                Socket filler = new Socket();
                full.fillers.add(filler);
                try {
                    filler.connect(listening.getLocalSocketAddress(), 200);
                    return true;
                } catch (IOException e) {
                    return false;
                }
            });
            return full;
        }

        static FullServer unix(Path path) throws IOException {
            UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
            ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listening.bind(address, 1);
            Properties properties = new Properties();
            properties.setProperty(LibpqSocketFactory.UNIX_SOCKET, path.toString());
            FullServer full = new FullServer(listening, properties);
            full.fill(() -> {
                SocketChannel filler = SocketChannel.open(StandardProtocolFamily.UNIX);
                full.fillers.add(filler);
                filler.configureBlocking(false);
                try {
                    return filler.connect(address);
                } catch (IOException e) {
                    return false;
                }
            });
            return full;
        }

        private interface Filler {
            /** Adds a connection, and says whether there was room. */
            boolean add() throws IOException;
        }

        private void fill(Filler filler) throws IOException {
            for (int i = 0; i < 20; i++) {
                if (!filler.add()) {
                    return;
                }
            }
            throw new AssertionError("the server has room for ever more connections");
        }

        LibpqSocketFactory factory() {
            return factory(Map.of());
        }

        LibpqSocketFactory factory(Map<String, String> more) {
            Properties all = new Properties();
            all.putAll(properties);
            all.putAll(more);
            return new LibpqSocketFactory(all);
        }

        void makeRoom() throws IOException {
            fillers.add(((ServerSocketChannel) listening).accept());
        }

        @Override
        public void close() throws Exception {
            for (AutoCloseable filler : fillers) {
                filler.close();
            }
            listening.close();
        }
    }
}
