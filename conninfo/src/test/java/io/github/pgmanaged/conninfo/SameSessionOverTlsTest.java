package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.conninfo.internal.tls.TestCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What begins a session is the same where it is encrypted, or could be. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class SameSessionOverTlsTest {
    private static final String ROLE = " user=r options='-c application_name=x -c geqo=off'";

    private static RealServer server;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        TestCertificates.Identity identity = TestCertificates.selfSigned("server", "localhost");
        Path certificate = Files.writeString(directory.resolve("server.crt"), identity.pem());
        Path key = Files.writeString(directory.resolve("server.key"), TestCertificates.pkcs8(identity.key()));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        server = RealServer.start(
                RealServer.TRUST,
                Map.of("ssl", "on", "ssl_cert_file", certificate.toString(), "ssl_key_file", key.toString()));
        server.run(
                "CREATE ROLE r LOGIN",
                "ALTER ROLE r SET timezone = 'Pacific/Auckland'",
                "ALTER ROLE r SET datestyle = 'German'");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sslmode=require",
                "sslmode=require sslnegotiation=direct",
                "sslmode=prefer",
                "sslmode=allow",
                "sslmode=disable"
            })
    void it_has_the_roles_settings_and_those_of_options(String how) throws Exception {
        try (Connection connection = Sources.of(server.tcp() + ROLE + ' ' + how).getConnection()) {
            assertThat(Ask.one(connection, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
                    .isEqualTo(how.matches(".*(require|prefer).*") ? "t" : "f");
            assertThat(Ask.one(connection, "SHOW TimeZone")).isEqualTo("Pacific/Auckland");
            assertThat(Ask.one(connection, "SHOW DateStyle")).isEqualTo("ISO, DMY");
            assertThat(Ask.one(connection, "SHOW geqo")).isEqualTo("off");
            assertThat(Ask.one(connection, "SHOW application_name")).isEqualTo("x");
        }
    }
}
