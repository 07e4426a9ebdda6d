package io.github.pgmanaged.conninfo.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.conninfo.internal.tls.TestCertificates.Authority;
import io.github.pgmanaged.conninfo.internal.tls.TestCertificates.Identity;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server sees of the handshake. */
class TlsHandshakeTest {
    private Authority root;
    private Authority intermediate;

    /** It keeps its intermediate certificate to itself. */
    private SSLServerSocket server;

    @BeforeEach
    void start() throws Exception {
        root = Authority.root("root");
        intermediate = root.intermediateWithoutLists("intermediate");
        Identity leaf = intermediate.leaf("server", "EC", "localhost");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", leaf.key(), new char[0], new Certificate[] {leaf.certificate()});
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void an_intermediate_certificate_that_the_server_keeps_may_be_in_the_root_file(@TempDir Path directory)
            throws Exception {
        Path roots = Files.writeString(directory.resolve("root.crt"), root.pem());
        Properties properties = new Properties();
        properties.setProperty(TlsSocketFactory.ROOT_CERTIFICATE, roots.toString());
        CompletableFuture<Seen> refused = accept();
        assertThatThrownBy(() -> handshake(properties, "localhost"))
                .hasMessageContaining("unable to get local issuer certificate");
        assertThat(refused).failsWithin(Duration.ofMinutes(1));
        Files.writeString(roots, intermediate.pem() + root.pem());
        CompletableFuture<Seen> seen = accept();
        handshake(properties, "localhost");
        get(seen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify-ca", "verify-full"})
    void a_forgotten_root_certificate_does_not_turn_verification_off(String mode) {
        Properties properties = new Properties();
        properties.setProperty("sslmode", mode);
        CompletableFuture<Seen> refused = accept();
        assertThatThrownBy(() -> handshake(properties, "localhost"))
                .hasMessage("sslmode is \"" + mode + "\", but there is no root certificate");
        assertThat(refused).failsWithin(Duration.ofMinutes(1));
    }

    @Test
    void a_list_of_an_authority_that_may_not_sign_lists_does_not_count(@TempDir Path directory) throws Exception {
        Path roots = Files.writeString(directory.resolve("root.crt"), intermediate.pem() + root.pem());
        Path lists =
                Files.writeString(directory.resolve("root.crl"), root.revocationList() + intermediate.revocationList());
        Properties properties = new Properties();
        properties.setProperty(TlsSocketFactory.ROOT_CERTIFICATE, roots.toString());
        properties.setProperty(TlsSocketFactory.REVOCATION_FILE, lists.toString());
        CompletableFuture<Seen> refused = accept();
        assertThatThrownBy(() -> handshake(properties, "localhost"))
                .hasMessageContaining("unable to get certificate CRL: CN=server");
        assertThat(refused).failsWithin(Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "1, db.example.com, db.example.com",
                "1, localhost, localhost",
                "1, 127.0.0.1, -",
                "1, ::1, -",
                "1, [::1], -",
                "1, -, -",
                "0, db.example.com, -",
                "-, db.example.com, db.example.com",
            })
    void the_name_of_the_host_is_sent_unless_it_is_an_address_or_sni_is_off(String sni, String host, String sent)
            throws Exception {
        Properties properties = new Properties();
        if (sni != null) {
            properties.setProperty(TlsSocketFactory.SERVER_NAME_INDICATION, sni);
        }
        CompletableFuture<Seen> seen = accept();
        handshake(properties, host);
        assertThat(get(seen).names()).isEqualTo(sent == null ? List.of() : List.of(sent));
        assertThat(get(seen).protocols()).containsExactly("postgresql");
    }

    @ParameterizedTest
    @ValueSource(strings = {"my_db", "db.example.com."})
    void a_name_that_java_finds_wrong_is_sent_as_it_is(String host) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket plain = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket accepted = listener.accept()) {
            SSLSocket socket = (SSLSocket)
                    new TlsSocketFactory(new Properties()).createSocket(plain, host, listener.getLocalPort(), true);
            CompletableFuture<Void> handshake = CompletableFuture.runAsync(() -> {
                try {
                    socket.startHandshake();
                } catch (IOException e) {
                    // There is no answer.
                }
            });
            DataInputStream in = new DataInputStream(accepted.getInputStream());
            in.skipNBytes(3);
            byte[] hello = in.readNBytes(in.readUnsignedShort());
            assertThat(new String(hello, StandardCharsets.ISO_8859_1)).contains((char) host.length() + host);
            accepted.close();
            handshake.get(1, TimeUnit.MINUTES);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void pgjdbc_keeps_to_it_when_it_starts_with_tls(String sni) throws Exception {
        CompletableFuture<Seen> seen = accept();
        assertThatThrownBy(() -> direct(sni)).hasMessageNotContaining("ALPN");
        assertThat(get(seen).names()).isEqualTo(sni.equals("0") ? List.of() : List.of("localhost"));
        assertThat(get(seen).protocols()).containsExactly("postgresql");
    }

    private void handshake(Properties properties, String host) throws Exception {
        try (Socket plain = new Socket(server.getInetAddress(), server.getLocalPort());
                SSLSocket socket = (SSLSocket)
                        new TlsSocketFactory(properties).createSocket(plain, host, server.getLocalPort(), true)) {
            socket.startHandshake();
            assertThat(socket.getApplicationProtocol()).isEqualTo("postgresql");
        }
    }

    private void direct(String sni) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", "nobody");
        properties.setProperty("sslmode", "require");
        properties.setProperty("sslNegotiation", "direct");
        properties.setProperty("sslfactory", TlsSocketFactory.class.getName());
        properties.setProperty(TlsSocketFactory.SERVER_NAME_INDICATION, sni);
        DriverManager.getConnection("jdbc:postgresql://localhost:" + server.getLocalPort() + "/db", properties)
                .close();
    }

    private CompletableFuture<Seen> accept() {
        return CompletableFuture.supplyAsync(() -> {
            try (SSLSocket socket = (SSLSocket) server.accept()) {
                List<String> protocols = new ArrayList<>();
                socket.setHandshakeApplicationProtocolSelector((s, offered) -> {
                    protocols.addAll(offered);
                    return "postgresql";
                });
                socket.startHandshake();
                List<String> names = ((ExtendedSSLSession) socket.getSession())
                        .getRequestedServerNames().stream()
                                .map(name -> ((SNIHostName) name).getAsciiName())
                                .toList();
                return new Seen(names, protocols);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static Seen get(CompletableFuture<Seen> seen) throws Exception {
        return seen.get(1, TimeUnit.MINUTES);
    }

    private record Seen(List<String> names, List<String> protocols) {}
}
