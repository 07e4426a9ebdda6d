package io.github.pgmanaged.conninfo.internal.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.ConnectFailedException;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.PgjdbcLog;
import io.github.pgmanaged.conninfo.internal.tls.TestCertificates;
import io.github.pgmanaged.conninfo.internal.tls.TestCertificates.Authority;
import io.github.pgmanaged.conninfo.internal.tls.TestCertificates.Identity;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
    private static final String PASSWORD = "a pass phrase";

    @TempDir
    static Path servers;

    private static Authority root;
    private static Authority intermediate;
    private static Identity server;
    private static Authority clients;
    private static EmbeddedPostgres postgres;

    /** TLS 1.2 at most, a certificate that is its own root, and no question for the client's. */
    private static EmbeddedPostgres old;

    private static Identity oldServer;

    @TempDir
    Path home;

    @BeforeAll
    static void start() throws Exception {
        root = Authority.root("root");
        intermediate = root.intermediate("intermediate");
        server = intermediate.leaf("server", "RSA", "localhost");
        clients = Authority.root("clients");
        oldServer = TestCertificates.selfSigned("old", "localhost");
        Files.writeString(servers.resolve("clients.crt"), clients.pem());
        Files.writeString(
                servers.resolve("pg_hba.conf"),
                "hostssl all certified all cert\nhostssl all secret all scram-sha-256\nhost all all all trust\n");
        postgres = builder("server", server, server.pem() + intermediate.pem())
                .setServerConfig("ssl_ca_file", servers.resolve("clients.crt").toString())
                .setServerConfig("hba_file", servers.resolve("pg_hba.conf").toString())
                .start();
        old = builder("old", oldServer, oldServer.pem())
                .setServerConfig("ssl_max_protocol_version", "TLSv1.2")
                .start();
        try (Connection c = DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
                Statement s = c.createStatement()) {
            s.execute("CREATE ROLE certified LOGIN; CREATE ROLE secret LOGIN PASSWORD 'sesame'");
        }
    }

    private static EmbeddedPostgres.Builder builder(String name, Identity identity, String chain) throws Exception {
        Path certificate = Files.writeString(servers.resolve(name + ".crt"), chain);
        Path key = secret(servers.resolve(name + ".key"), TestCertificates.pkcs8(identity.key()));
        return EmbeddedPostgres.builder()
                .setPGStartupWait(Duration.ofMinutes(1))
                .setServerConfig("ssl", "on")
                .setServerConfig("ssl_cert_file", certificate.toString())
                .setServerConfig("ssl_key_file", key.toString());
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
        old.close();
    }

    @BeforeEach
    void makeHome() throws Exception {
        Files.createDirectory(home.resolve(".postgresql"));
    }

    @Test
    void without_a_root_certificate_require_verifies_nothing() throws Exception {
        assertThat(TlsSettings.of(Map.of("sslmode", "require"), home, "localhost")
                        .isChainVerified())
                .isFalse();
        assertThat(ssl(Map.of("sslmode", "require"))).startsWith("TLSv1.3");
        assertThat(ssl(Map.of("sslmode", "prefer"))).startsWith("TLSv1.3");
    }

    @Test
    void disabled_tls_takes_no_tls() throws Exception {
        TlsSettings settings = TlsSettings.of(Map.of("sslmode", "disable", "sslrootcert", "absent"), home, "localhost");
        assertThat(settings.mode()).isEqualTo("disable");
        assertThat(settings.properties()).isEmpty();
        assertThat(ssl(Map.of("sslmode", "disable"))).isEqualTo("null -");
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify-ca", "verify-full"})
    void a_server_of_a_trusted_root_is_let_in(String mode) throws Exception {
        String file = write("ca.crt", "Some text.\n" + root.pem());
        assertThat(ssl(Map.of("sslmode", mode, "sslrootcert", file))).startsWith("TLSv1.3");
    }

    @Test
    void verify_full_wants_the_name_of_the_host() throws Exception {
        String file = write("ca.crt", root.pem());
        assertThat(ssl("127.0.0.1", Map.of("sslmode", "verify-ca", "sslrootcert", file)))
                .startsWith("TLSv1.3");
        try (PgjdbcLog log = PgjdbcLog.atEveryLevel()) {
            assertThatThrownBy(() -> ssl("127.0.0.1", Map.of("sslmode", "verify-full", "sslrootcert", file)))
                    .hasMessageContaining("server certificate for \"localhost\" (and 1 other name) does not match"
                            + " host name \"127.0.0.1\"");
            assertThat(log.everything()).doesNotContain("Server name validation failed");
        }
    }

    @Test
    void verify_full_wants_a_host_and_not_only_an_address() throws Exception {
        write(".postgresql/root.crt", root.pem());
        assertThatThrownBy(() -> dialled("hostaddr=127.0.0.1 user=postgres sslmode=verify-full"))
                .hasMessageContaining("host name must be specified for a verified SSL connection");
        assertThat(dialled("hostaddr=127.0.0.1 user=postgres sslmode=verify-ca"))
                .startsWith("TLSv1.3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefer", "require", "verify-ca", "verify-full"})
    void where_a_root_certificate_exists_every_mode_verifies(String mode) throws Exception {
        write(".postgresql/root.crt", Authority.root("root").pem());
        assertThat(TlsSettings.of(Map.of("sslmode", mode), home, "localhost").isChainVerified())
                .isTrue();
        assertThatThrownBy(() -> ssl(Map.of("sslmode", mode))).hasMessageContaining("certificate verify failed: ");
        // Of the same name: a root that was renewed.
        write(".postgresql/root.crt", Authority.root("root").pem() + root.pem());
        assertThat(ssl(Map.of("sslmode", mode))).startsWith("TLSv1.3");
    }

    @Test
    void an_intermediate_certificate_is_no_root() throws Exception {
        String alone = write("ca.crt", intermediate.pem());
        assertThatThrownBy(() -> ssl(Map.of("sslmode", "verify-ca", "sslrootcert", alone)))
                .hasMessageContaining("certificate verify failed: unable to get local issuer certificate: CN=");
        String both = write("both.crt", intermediate.pem() + root.pem());
        assertThat(ssl(Map.of("sslmode", "verify-ca", "sslrootcert", both))).startsWith("TLSv1.3");
    }

    @Test
    void a_server_may_be_its_own_root() throws Exception {
        String file = write("ca.crt", oldServer.pem());
        assertThat(ssl(old, "localhost", Map.of("sslmode", "verify-full", "sslrootcert", file)))
                .startsWith("TLSv1.2");
    }

    @Test
    void a_directory_is_no_file() {
        for (String keyword : new String[] {"sslrootcert", "sslcert"}) {
            assertThatThrownBy(() -> ssl(Map.of("sslmode", "require", keyword, home.toString())))
                    .hasMessageMatching(
                            "SSL error: could not read (root )?certificate file \"" + home + "\": Is a directory");
        }
    }

    @Test
    void a_root_file_without_a_certificate_is_refused() throws Exception {
        String file = write("ca.crt", "nothing");
        assertThatThrownBy(() -> ssl(Map.of("sslmode", "require", "sslrootcert", file)))
                .hasMessage("SSL error: could not read root certificate file \"" + file + "\": no certificate in it");
        write("ca.crt", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
        assertThatThrownBy(() -> ssl(Map.of("sslmode", "require", "sslrootcert", file)))
                .hasMessageStartingWith("SSL error: could not read root certificate file \"" + file + "\": ");
    }

    @Test
    void the_roots_of_the_system_are_those_of_java() throws Exception {
        Map<String, String> system = Map.of("sslmode", "verify-full", "sslrootcert", "system");
        assertThatThrownBy(() -> ssl(system)).hasMessageContaining("certificate verify failed");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("root", root.identity().certificate());
        Path file = home.resolve("trust.p12");
        try (var out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
        System.setProperty("javax.net.ssl.trustStore", file.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
        try {
            assertThat(ssl(system)).startsWith("TLSv1.3");
            // The home's list is not for them. A named one is.
            write(".postgresql/root.crl", root.revocationList() + intermediate.revocationList(server));
            assertThat(ssl(system)).startsWith("TLSv1.3");
            Map<String, String> listed = new HashMap<>(system);
            listed.put("sslcrl", home.resolve(".postgresql/root.crl").toString());
            assertThatThrownBy(() -> ssl(listed)).hasMessageContaining("certificate revoked");
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "RSA,pkcs8",
        "RSA,encrypted",
        "RSA,traditional",
        "RSA,der",
        "EC,pkcs8",
        "EC,encrypted",
        "EC,traditional",
        "EC,der"
    })
    void a_client_is_known_by_its_certificate(String algorithm, String format) throws Exception {
        Identity client = clients.leaf("certified", algorithm);
        write(".postgresql/postgresql.crt", client.pem());
        Path key = home.resolve(".postgresql/postgresql.key");
        switch (format) {
            case "pkcs8" -> secret(key, TestCertificates.pkcs8(client.key()));
            case "encrypted" -> secret(key, TestCertificates.encryptedPkcs8(client.key(), PASSWORD));
            case "traditional" -> secret(key, TestCertificates.traditional(client.key()));
            default -> secret(key, client.key().getEncoded());
        }
        assertThat(ssl(certified(Map.of("sslpassword", PASSWORD)))).isEqualTo("TLSv1.3 /CN=certified");
    }

    @Test
    void a_certificate_may_come_with_its_chain_or_in_der() throws Exception {
        Authority between = clients.intermediate("between");
        Identity client = between.leaf("certified", "EC");
        String key = secret(home.resolve("key"), TestCertificates.pkcs8(client.key()))
                .toString();
        String chain = write("chain.crt", client.pem() + between.pem());
        assertThat(ssl(certified(Map.of("sslcert", chain, "sslkey", key)))).isEqualTo("TLSv1.3 /CN=certified");
        Identity plain = clients.leaf("certified", "EC");
        secret(home.resolve("key"), TestCertificates.pkcs8(plain.key()));
        Path der = Files.write(home.resolve("client.der"), plain.certificate().getEncoded());
        assertThat(ssl(certified(Map.of("sslcert", der.toString(), "sslkey", key))))
                .isEqualTo("TLSv1.3 /CN=certified");
    }

    @Test
    void a_missing_certificate_is_not_sent() throws Exception {
        assertThatThrownBy(() ->
                        ssl(certified(Map.of("sslcert", home.resolve("absent").toString()))))
                .hasMessageContaining("connection requires a valid client certificate");
        assertThat(ssl(Map.of("sslmode", "require", "sslcert", "/dev/null/postgresql.crt")))
                .isEqualTo("TLSv1.3 -");
    }

    @Test
    void an_encrypted_key_wants_the_right_password() throws Exception {
        Identity client = clients.leaf("certified", "EC");
        write(".postgresql/postgresql.crt", client.pem());
        Path key = secret(
                home.resolve(".postgresql/postgresql.key"), TestCertificates.encryptedPkcs8(client.key(), PASSWORD));
        assertThatThrownBy(() -> ssl(certified(Map.of())))
                .hasMessage("SSL error: could not load private key file \"" + key
                        + "\": the key is encrypted, and sslpassword is not set");
        assertThatThrownBy(() -> ssl(certified(Map.of("sslpassword", "another"))))
                .hasMessage("SSL error: could not load private key file \"" + key
                        + "\": bad decrypt; is sslpassword right?");
        assertThatThrownBy(() -> ssl(certified(Map.of("sslpassword", "käse"))))
                .hasMessageStartingWith("SSL error: could not load private key file \"" + key + "\": ")
                .hasMessageNotContaining("käse");
    }

    @Test
    void a_key_encrypted_in_the_old_way_is_refused_with_the_way_to_convert_it() throws Exception {
        Identity client = clients.leaf("certified", "RSA");
        write(".postgresql/postgresql.crt", client.pem());
        secret(
                home.resolve(".postgresql/postgresql.key"),
                TestCertificates.encryptedTraditional(client.key(), PASSWORD));
        assertThatThrownBy(() -> ssl(certified(Map.of("sslpassword", PASSWORD))))
                .hasMessageContaining("OpenSSL's old format")
                .hasMessageContaining("openssl pkcs8 -topk8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nothing",
                "-----BEGIN PRIVATE KEY-----\nsesame!\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nc2VzYW1l\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nMIIBc2VzYW1l\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nc2VzYW1l\n",
                "-----BEGIN CERTIFICATE-----\nc2VzYW1l\n-----END CERTIFICATE-----\n",
            })
    void a_broken_key_is_refused_and_not_quoted(String text) throws Exception {
        write(".postgresql/postgresql.crt", clients.leaf("certified", "EC").pem());
        Path key = secret(home.resolve(".postgresql/postgresql.key"), text);
        assertThatThrownBy(() -> ssl(certified(Map.of())))
                .hasMessageStartingWith("SSL error: could not load private key file \"" + key + "\": ")
                .hasMessageNotContaining("sesame")
                .hasMessageNotContaining("c2Vz");
    }

    @Test
    void a_certificate_wants_its_key() throws Exception {
        Identity client = clients.leaf("certified", "EC");
        write(".postgresql/postgresql.crt", client.pem());
        Path key = home.resolve(".postgresql/postgresql.key");
        assertThatThrownBy(() -> ssl(certified(Map.of())))
                .hasMessage("SSL error: certificate present, but not private key file \"" + key + '"');
        secret(key, TestCertificates.pkcs8(clients.leaf("certified", "EC").key()));
        assertThatThrownBy(() -> ssl(certified(Map.of())))
                .hasMessage(
                        "SSL error: certificate does not match private key file \"" + key + "\": key values mismatch");
        secret(key, TestCertificates.pkcs8(clients.leaf("certified", "RSA").key()));
        assertThatThrownBy(() -> ssl(certified(Map.of())))
                .hasMessage(
                        "SSL error: certificate does not match private key file \"" + key + "\": key type mismatch");
    }

    @Test
    void a_key_is_matched_by_its_values_with_rsa_and_edwards_curves_too() throws Exception {
        for (String algorithm : new String[] {"RSA", "Ed25519"}) {
            Identity client = clients.leaf("certified", algorithm);
            write(".postgresql/postgresql.crt", client.pem());
            Path key = secret(home.resolve(".postgresql/postgresql.key"), TestCertificates.pkcs8(client.key()));
            assertThat(ssl(certified(Map.of()))).isEqualTo("TLSv1.3 /CN=certified");
            secret(
                    key,
                    TestCertificates.pkcs8(clients.leaf("certified", algorithm).key()));
            assertThatThrownBy(() -> ssl(certified(Map.of()))).hasMessageContaining("key values mismatch");
        }
    }

    @Test
    void a_client_of_an_authority_that_the_server_does_not_know_is_refused() throws Exception {
        Identity client = Authority.root("others").leaf("certified", "EC");
        write(".postgresql/postgresql.crt", client.pem());
        secret(home.resolve(".postgresql/postgresql.key"), TestCertificates.pkcs8(client.key()));
        assertThatThrownBy(() -> ssl(certified(Map.of("ssl_max_protocol_version", "TLSv1.2"))))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void a_data_source_does_all_of_it_and_the_host_is_the_name_that_is_verified() throws Exception {
        write(".postgresql/root.crt", root.pem());
        Identity client = clients.leaf("certified", "EC");
        write(".postgresql/postgresql.crt", client.pem());
        secret(home.resolve(".postgresql/postgresql.key"), TestCertificates.pkcs8(client.key()));
        assertThat(dialled("host=localhost hostaddr=127.0.0.1 user=certified sslmode=verify-full"))
                .isEqualTo("TLSv1.3 /CN=certified");
        assertThatExceptionOfType(ConnectFailedException.class)
                .isThrownBy(() -> dialled("host=elsewhere hostaddr=127.0.0.1 user=certified sslmode=verify-full"));
        assertThatExceptionOfType(ConnectFailedException.class)
                .isThrownBy(() -> dialled("host=localhost user=certified sslmode=verify-full sslcertmode=disable"))
                .withMessageContaining("connection requires a valid client certificate");
        assertThat(dialled("host=localhost user=postgres sslmode=require sslnegotiation=direct"))
                .startsWith("TLSv1.3");
        assertThat(dialled("host=localhost user=secret password=sesame sslmode=require channel_binding=require"))
                .startsWith("TLSv1.3");
    }

    @Test
    void what_is_only_preferred_is_done_without_if_the_server_cannot_be_verified() throws Exception {
        write(".postgresql/root.crt", Authority.root("root").pem());
        assertThat(dialled("host=localhost user=postgres sslmode=prefer")).isEqualTo("null -");
        assertThatExceptionOfType(ConnectFailedException.class)
                .isThrownBy(() -> dialled("host=localhost user=postgres sslmode=require"))
                .withMessageContaining("certificate verify failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefer", "require"})
    void a_damaged_file_of_the_client_does_not_turn_tls_off(String mode) throws Exception {
        String conninfo = "host=localhost user=postgres sslmode=" + mode;
        write(".postgresql/root.crt", "damaged");
        assertThatThrownBy(() -> dialled(conninfo)).hasMessageContaining("could not read root certificate file");
        write(".postgresql/root.crt", root.pem());
        write(".postgresql/root.crl", "damaged");
        assertThat(dialled(conninfo)).startsWith("TLSv1.3");
        assertThatThrownBy(() -> dialled(conninfo + " sslcrl=" + home + "/.postgresql/root.crl"))
                .hasMessageContaining("could not read certificate revocation list file");
        write(".postgresql/postgresql.crt", "damaged");
        assertThatThrownBy(() -> dialled(conninfo)).hasMessageContaining("could not read certificate file");
        write(".postgresql/postgresql.crt", clients.leaf("certified", "EC").pem());
        assertThatThrownBy(() -> dialled(conninfo)).hasMessageContaining("but not private key file");
    }

    @Test
    void a_file_that_is_missing_is_named_in_libpqs_words() {
        assertThatExceptionOfType(ConnectFailedException.class)
                .isThrownBy(() -> dialled("host=localhost user=postgres sslmode=verify-full"))
                .withMessageContaining("root certificate file \"" + home + "/.postgresql/root.crt\" does not exist");
    }

    /** The same as the server sees it, of a connection string. */
    private String dialled(String conninfo) throws Exception {
        ConnInfo parsed = ConnInfo.parse(conninfo + " dbname=postgres port=" + postgres.getPort());
        LibpqDataSource source =
                new LibpqDataSource(parsed, () -> Environment.empty().withHome(home));
        try (Connection c = source.getConnection()) {
            return ssl(c);
        }
    }

    @Test
    void a_key_is_a_file_of_its_owner_alone() throws Exception {
        Identity client = clients.leaf("certified", "EC");
        write(".postgresql/postgresql.crt", client.pem());
        Path key = secret(home.resolve(".postgresql/postgresql.key"), TestCertificates.pkcs8(client.key()));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw----r--"));
        assertThatThrownBy(() -> ssl(certified(Map.of())))
                .hasMessage("SSL error: private key file \"" + key
                        + "\" has group or world access; file must have permissions u=rw (0600) or less if owned by"
                        + " the current user, or permissions u=rw,g=r (0640) or less if owned by root");
        Files.delete(key);
        Files.createDirectory(key);
        assertThatThrownBy(() -> ssl(certified(Map.of())))
                .hasMessage("SSL error: private key file \"" + key + "\" is not a regular file");
    }

    @Test
    void a_revoked_server_is_refused() throws Exception {
        Map<String, String> values = verified();
        values.put("sslcrl", write("crl", root.revocationList() + intermediate.revocationList()));
        assertThat(ssl(values)).startsWith("TLSv1.3");
        write("crl", root.revocationList() + intermediate.revocationList(server));
        assertThatThrownBy(() -> ssl(values))
                .hasMessageContaining("certificate verify failed: certificate revoked: CN=server");
        write("crl", root.revocationList(intermediate.identity()) + intermediate.revocationList());
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("certificate revoked: CN=intermediate");
    }

    @Test
    void a_directory_of_revocation_lists_counts_with_the_file() throws Exception {
        Map<String, String> values = verified();
        Path directory = Files.createDirectory(home.resolve("crls"));
        values.put("sslcrldir", directory.toString());
        write("crls/root.r0", root.revocationList());
        write("crls/README", "not a list");
        write("crls/intermediate.r0", intermediate.revocationList());
        assertThat(ssl(values)).startsWith("TLSv1.3");
        write("crls/intermediate.r0", intermediate.revocationList(server));
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("certificate revoked: CN=server");
        Files.delete(directory.resolve("intermediate.r0"));
        values.put("sslcrl", write("crl", intermediate.revocationList()));
        assertThat(ssl(values)).startsWith("TLSv1.3");
    }

    @Test
    void every_certificate_of_the_chain_needs_a_list_that_is_valid_now_and_signed() throws Exception {
        Map<String, String> values = verified();
        values.put("sslcrl", write("crl", root.revocationList()));
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("unable to get certificate CRL: CN=server");
        write("crl", intermediate.revocationList());
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("unable to get certificate CRL: CN=intermediate");
        write("crl", root.revocationList() + intermediate.revocationList(Duration.ofDays(-1)));
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("CRL is not valid now: CN=server");
        write("crl", root.revocationList() + intermediate.partialRevocationList());
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("unable to get certificate CRL: CN=server");
        Authority impostor = Authority.root("intermediate");
        write("crl", root.revocationList() + impostor.revocationList());
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("unable to get certificate CRL: CN=server");
    }

    @Test
    void a_named_revocation_list_must_be_there() throws Exception {
        Map<String, String> values = verified();
        String absent = home.resolve("absent").toString();
        values.put("sslcrl", absent);
        assertThatThrownBy(() -> ssl(values))
                .hasMessage("SSL error: could not read certificate revocation list file \"" + absent
                        + "\": No such file or directory");
        values.put("sslcrl", write("crl", ""));
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("no certificate revocation list in it");
        values.put("sslcrl", write("crl", "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"));
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("could not read certificate revocation list file");
        values.remove("sslcrl");
        values.put("sslcrldir", absent);
        assertThatThrownBy(() -> ssl(values))
                .hasMessage("SSL error: could not read certificate revocation list directory \"" + absent
                        + "\": No such file or directory");
        values.put("sslcrldir", Files.createDirectory(home.resolve("crls")).toString());
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("no certificate revocation list in it");
    }

    @Test
    void the_list_in_the_home_counts_if_it_is_there() throws Exception {
        Map<String, String> values = verified();
        assertThat(ssl(values)).startsWith("TLSv1.3");
        write(".postgresql/root.crl", root.revocationList() + intermediate.revocationList(server));
        assertThatThrownBy(() -> ssl(values)).hasMessageContaining("certificate revoked: CN=server");
    }

    @Test
    void sslcertmode_says_whether_a_certificate_is_sent() throws Exception {
        Identity client = clients.leaf("certified", "EC");
        write(".postgresql/postgresql.crt", client.pem());
        secret(home.resolve(".postgresql/postgresql.key"), TestCertificates.pkcs8(client.key()));
        assertThat(ssl(certified(Map.of("sslcertmode", "allow")))).endsWith(" /CN=certified");
        assertThatThrownBy(() -> ssl(certified(Map.of("sslcertmode", "disable"))))
                .hasMessageContaining("connection requires a valid client certificate");
    }

    @Test
    void the_version_of_tls_is_within_the_bounds() throws Exception {
        assertThat(ssl(Map.of("sslmode", "require", "ssl_max_protocol_version", "TLSV1.2")))
                .startsWith("TLSv1.2");
        assertThat(ssl(Map.of("sslmode", "require", "ssl_min_protocol_version", "tlsv1.3")))
                .startsWith("TLSv1.3");
        assertThat(ssl(old, "localhost", Map.of("sslmode", "require", "ssl_min_protocol_version", "")))
                .startsWith("TLSv1.2");
        assertThatThrownBy(() ->
                        ssl(old, "localhost", Map.of("sslmode", "require", "ssl_min_protocol_version", "TLSv1.3")))
                .hasMessageStartingWith("SSL error: ");
    }

    @Test
    void bounds_that_java_cannot_keep_are_no_reason_for_plain_text() {
        assertThatThrownBy(() -> ssl(Map.of(
                        "sslmode",
                        "prefer",
                        "ssl_min_protocol_version",
                        "TLSv1",
                        "ssl_max_protocol_version",
                        "TLSv1.1")))
                .hasMessageEndingWith("no SSL protocol version that Java permits is between TLSv1 and TLSv1.1");
    }

    @Test
    void a_password_is_bound_to_the_channel() throws Exception {
        TlsSettings settings = TlsSettings.of(verified(), home, "localhost");
        Properties properties = new Properties();
        properties.putAll(settings.properties());
        properties.setProperty("sslmode", settings.mode());
        properties.setProperty("user", "secret");
        properties.setProperty("password", "sesame");
        properties.setProperty("channelBinding", "require");
        DriverManager.getConnection("jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres", properties)
                .close();
    }

    @Test
    void a_query_over_tls_can_be_cancelled() throws Exception {
        try (Connection c = connect(postgres, "localhost", Map.of("sslmode", "require"));
                Statement statement = c.createStatement();
                Connection other = connect(postgres, "localhost", Map.of("sslmode", "require"))) {
            CompletableFuture<Void> canceller = CompletableFuture.runAsync(() -> {
                Awaitility.await().until(() -> {
                    try (Statement s = other.createStatement();
                            ResultSet r = s.executeQuery("SELECT count(*) FROM pg_stat_activity"
                                    + " WHERE state = 'active' AND query = 'SELECT pg_sleep(60)'")) {
                        return r.next() && r.getInt(1) == 1;
                    }
                });
                try {
                    statement.cancel();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> statement.execute("SELECT pg_sleep(60)"))
                    .returns("57014", SQLException::getSQLState);
            canceller.get(1, TimeUnit.MINUTES);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sslmode=verify-ca sslrootcert=/absent/a.crt | root certificate file \"/absent/a.crt\" does not exist",
                "sslmode=verify-full                         | root certificate file \"HOME/.postgresql/root.crt\" does not exist",
            })
    void what_libpq_refuses_is_refused_in_its_words(String keywords, String message) {
        Map<String, String> values = new HashMap<>();
        for (String pair : keywords.split(" ", -1)) {
            values.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        assertThatExceptionOfType(SQLNonTransientConnectionException.class)
                .isThrownBy(() -> TlsSettings.of(values, home, "localhost"))
                .withMessageStartingWith(message.replace("HOME", home.toString()))
                .returns("08001", SQLException::getSQLState);
    }

    @Test
    void without_a_home_there_are_no_usual_files() throws Exception {
        TlsSettings settings = TlsSettings.of(Map.of(), null, "localhost");
        assertThat(settings.mode()).isEqualTo("prefer");
        assertThat(settings.isChainVerified()).isFalse();
        assertThat(settings.properties()).doesNotContainKeys("pgmanaged.tls.cert", "pgmanaged.tls.key");
        assertThatThrownBy(() -> TlsSettings.of(Map.of("sslmode", "verify-ca"), null, "localhost"))
                .hasMessage(
                        "could not get home directory to locate root certificate file\nEither provide the file, use the"
                                + " system's trusted roots with sslrootcert=system, or change sslmode to disable server"
                                + " certificate verification.");
        assertThat(TlsSettings.of(Map.of("sslrootcert", "system"), null, "localhost")
                        .mode())
                .isEqualTo("verify-ca");
    }

    private Map<String, String> verified() throws Exception {
        Map<String, String> values = new HashMap<>();
        values.put("sslmode", "verify-ca");
        values.put("sslrootcert", write("ca.crt", root.pem()));
        return values;
    }

    private static Map<String, String> certified(Map<String, String> values) {
        Map<String, String> all = new HashMap<>(values);
        all.put("user", "certified");
        all.put("sslmode", "require");
        return all;
    }

    private String write(String name, String text) throws Exception {
        return Files.writeString(home.resolve(name), text).toString();
    }

    private static Path secret(Path file, String text) throws Exception {
        return secret(file, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static Path secret(Path file, byte[] content) throws Exception {
        Files.write(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private String ssl(Map<String, String> values) throws Exception {
        return ssl("localhost", values);
    }

    private String ssl(String host, Map<String, String> values) throws Exception {
        return ssl(postgres, host, values);
    }

    /** The version of TLS and the client's name, as the server sees them. */
    private String ssl(EmbeddedPostgres server, String host, Map<String, String> values) throws Exception {
        try (Connection c = connect(server, host, values)) {
            return ssl(c);
        }
    }

    private static String ssl(Connection c) throws SQLException {
        try (Statement s = c.createStatement();
                ResultSet r = s.executeQuery("SELECT coalesce(version, 'null') || ' ' || coalesce(client_dn, '-')"
                        + " FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
            r.next();
            return r.getString(1);
        }
    }

    private Connection connect(EmbeddedPostgres server, String host, Map<String, String> values) throws Exception {
        TlsSettings settings = TlsSettings.of(values, home, host);
        Properties properties = new Properties();
        properties.putAll(settings.properties());
        properties.setProperty("sslmode", settings.mode());
        properties.setProperty("user", values.getOrDefault("user", "postgres"));
        return DriverManager.getConnection(
                "jdbc:postgresql://" + host + ':' + server.getPort() + "/postgres", properties);
    }
}
