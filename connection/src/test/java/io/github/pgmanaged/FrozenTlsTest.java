package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestCertificate;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Over TLS the JDK says goodbye before it closes a socket, and so waits for a thread that is stuck in writing. A server
 * that reads nothing any more must not hold up those who cut the session off.
 */
@Tag("long")
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // an interrupt does not end that wait
class FrozenTlsTest {
    @TempDir
    static Path directory;

    private static EmbeddedPostgres server;
    private static TestCertificate certificate;

    /** Where the sessions come from. */
    private enum Source {
        /** Whose sockets are ours, so that a call ends when its session is cut. */
        CONNINFO,
        /** Whose sockets are not. */
        PGJDBC
    }

    private DeafProxy proxy;

    @BeforeAll
    static void startWithTls() throws Exception {
        certificate = TestCertificate.make(directory);
        server = EmbeddedPostgres.builder()
                .setPGStartupWait(Duration.ofMinutes(1))
                .setDataDirectoryCustomizer(data -> {
                    try {
                        certificate.write(
                                data.toPath().resolve("tls.crt"), data.toPath().resolve("tls.key"));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .setServerConfig("ssl", "on")
                .setServerConfig("ssl_cert_file", "tls.crt")
                .setServerConfig("ssl_key_file", "tls.key")
                .start();
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

    private ManagedConnection.Builder builder(Source source) throws SQLException {
        ManagedConnection.Builder builder = switch (source) {
            case CONNINFO ->
                ManagedConnection.builder("host=localhost port=" + proxy.port()
                        + " user=postgres dbname=postgres sslmode=verify-ca sslrootcert=" + certificate.file());
            case PGJDBC -> ManagedConnection.builder(proxy.source());
        };
        return builder.releaseTimeout(Duration.ofMillis(300));
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

    private void theNextOneGetsIn(ManagedConnection manager, Source source, CompletableFuture<Throwable> call)
            throws Exception {
        assertThat(Elsewhere.call(() -> pid(manager)).get()).isPositive();
        theCallEnds(source, call);
    }

    private void theCallEnds(Source source, CompletableFuture<Throwable> call) throws Exception {
        if (source == Source.PGJDBC) {
            proxy.close();
        }
        assertThat(call.get()).isInstanceOf(SQLException.class);
    }

    @ParameterizedTest
    @EnumSource
    void a_release_ends(Source source) throws Exception {
        try (ManagedConnection manager = builder(source).build()) {
            Lease lease = manager.acquire();
            CompletableFuture<Throwable> call = stuck(lease);
            assertThatThrownBy(lease::close).hasMessageContaining("did not end within the releaseTimeout of 300 ms");
            theNextOneGetsIn(manager, source, call);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_lease_held_too_long_is_revoked(Source source) throws Exception {
        try (ManagedConnection manager =
                builder(source).maxLease(Duration.ofSeconds(2)).build()) {
            Lease lease = manager.acquire();
            CompletableFuture<Throwable> call = stuck(lease);
            theNextOneGetsIn(manager, source, call);
            assertThat(manager.stats().revoked()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void closing_the_manager_ends(Source source) throws Exception {
        ManagedConnection manager = builder(source).build();
        CompletableFuture<Throwable> call = stuck(manager.acquire());
        manager.close();
        assertThat(manager.isOpen()).isFalse();
        theCallEnds(source, call);
    }

    @ParameterizedTest
    @EnumSource
    void an_idle_session_is_replaced_in_time_for_an_acquisition(Source source) throws Exception {
        try (ManagedConnection manager = builder(source)
                .validateAfterIdle(Duration.ZERO)
                .acquireTimeout(Duration.ofSeconds(3))
                .build()) {
            int before = pid(manager);
            proxy.goDeaf();
            assertThat(pid(manager)).isNotEqualTo(before);
        }
    }

    /** A read that its timeout ends closes the socket, and over TLS that may read for as long again. */
    @ParameterizedTest
    @EnumSource
    void a_rollback_ends_with_the_release_timeout_and_not_with_twice_that(Source source) throws Exception {
        Duration timeout = Duration.ofSeconds(3);
        try (ManagedConnection manager = builder(source).releaseTimeout(timeout).build()) {
            Lease lease = manager.acquire();
            execute(lease, "SELECT 1");
            proxy.goDeaf();
            long began = System.nanoTime();
            assertThatThrownBy(lease::close).hasMessageContaining("ROLLBACK failed");
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(timeout.minusMillis(20), timeout.multipliedBy(2).minusMillis(500));
        }
    }
}
