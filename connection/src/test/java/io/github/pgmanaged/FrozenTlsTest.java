package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Over TLS the JDK says goodbye before it closes a socket, and so waits for a thread that is stuck in writing. A server
 * that reads nothing any more must not hold up those who cut the session off.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // an interrupt does not end that wait
class FrozenTlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    static Path directory;

    private static EmbeddedPostgres server;

    private DeafProxy proxy;

    @BeforeAll
    static void startWithTls() throws Exception {
        Path store = directory.resolve("server.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "RSA",
                        "-dname",
                        "CN=localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        String alias = keys.aliases().nextElement();
        server = EmbeddedPostgres.builder()
                .setPGStartupWait(Duration.ofMinutes(1))
                .setDataDirectoryCustomizer(data -> {
                    try {
                        pem(
                                data.toPath().resolve("tls.crt"),
                                "CERTIFICATE",
                                keys.getCertificate(alias).getEncoded());
                        pem(
                                data.toPath().resolve("tls.key"),
                                "PRIVATE KEY",
                                keys.getKey(alias, PASSWORD.toCharArray()).getEncoded());
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                })
                .setServerConfig("ssl", "on")
                .setServerConfig("ssl_cert_file", "tls.crt")
                .setServerConfig("ssl_key_file", "tls.key")
                .start();
    }

    private static void pem(Path file, String what, byte[] der) throws Exception {
        Files.writeString(
                file,
                "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
                        + "-----\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        Elsewhere.allHaveEnded();
    }

    @BeforeEach
    void putTheProxyBetween() throws Exception {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL("jdbc:postgresql://localhost:" + server.getPort() + "/postgres?sslmode=require");
        source.setUser("postgres");
        proxy = new DeafProxy(source);
    }

    @AfterEach
    void closeIt() throws Exception {
        proxy.close();
    }

    private ManagedConnection.Builder builder() throws SQLException {
        return ManagedConnection.builder(proxy.source()).releaseTimeout(Duration.ofMillis(300));
    }

    /** A call that cannot get rid of what it writes. */
    private CompletableFuture<Throwable> stuck(Lease lease) throws SQLException {
        assertThat(query(lease, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
                .isEqualTo("t");
        proxy.goDeaf();
        CompletableFuture<Throwable> call =
                Elsewhere.call(() -> catchThrowable(() -> execute(lease, "SELECT '" + "x".repeat(50_000_000) + "'")));
        Awaitility.await().until(Elsewhere::isWriting);
        return call;
    }

    private void theNextOneGetsIn(ManagedConnection manager, CompletableFuture<Throwable> call) throws Exception {
        assertThat(Elsewhere.call(() -> pid(manager)).get()).isPositive();
        proxy.close();
        assertThat(call.get()).isInstanceOf(SQLException.class);
    }

    @Test
    void a_release_ends() throws Exception {
        try (ManagedConnection manager = builder().build()) {
            Lease lease = manager.acquire();
            CompletableFuture<Throwable> call = stuck(lease);
            assertThatThrownBy(lease::close).hasMessageContaining("did not end within the releaseTimeout of 300 ms");
            theNextOneGetsIn(manager, call);
        }
    }

    @Test
    void a_lease_held_too_long_is_revoked() throws Exception {
        try (ManagedConnection manager =
                builder().maxLease(Duration.ofSeconds(2)).build()) {
            Lease lease = manager.acquire();
            CompletableFuture<Throwable> call = stuck(lease);
            theNextOneGetsIn(manager, call);
            assertThat(manager.stats().revoked()).isEqualTo(1);
        }
    }

    @Test
    void closing_the_manager_ends() throws Exception {
        ManagedConnection manager = builder().build();
        CompletableFuture<Throwable> call = stuck(manager.acquire());
        manager.close();
        assertThat(manager.isOpen()).isFalse();
        proxy.close();
        assertThat(call.get()).isInstanceOf(SQLException.class);
    }
}
