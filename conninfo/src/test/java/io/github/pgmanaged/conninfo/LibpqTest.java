package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The oracle itself: that it is the libpq we mean, and that what it is asked reaches it. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LibpqTest {
    private static final Map<String, String> NOTHING = Map.of("HOME", "/no/such/home");

    @TempDir
    private Path directory;

    @Test
    void it_is_the_servers_own_libpq_with_its_table_of_options() {
        assertThat(Libpq.version()).isEqualTo(180006);
        assertThat(Libpq.defaults())
                .hasSize(50)
                .startsWith(new Libpq.Keyword("service", "PGSERVICE", null, ""))
                .contains(new Libpq.Keyword("password", "PGPASSWORD", null, "*"))
                .contains(new Libpq.Keyword("port", "PGPORT", "5432", ""))
                .contains(new Libpq.Keyword("sslmode", "PGSSLMODE", "prefer", ""))
                .as("built without GSSAPI")
                .contains(new Libpq.Keyword("gssencmode", "PGGSSENCMODE", "disable", ""));
        assertThat(Libpq.SECRET_KEYWORDS).containsExactlyInAnyOrder("password", "sslpassword", "oauth_client_secret");
    }

    @Test
    void strings_go_through_it_whole() {
        assertThat(Libpq.parse("dbname='ü \\\\ 💡' host=İı").values())
                .isEqualTo(Map.of("dbname", "ü \\ 💡", "host", "İı"));
        assertThat(Libpq.parse("postgres://ü%C3%BC@h%00").error())
                .isEqualTo("forbidden value %00 in percent-encoded value: \"h%00\"");
        assertThat(Libpq.parse("postgres://%FF").hasUndecodableBytes()).isTrue();
    }

    /**
     * PQconnectStart reads strings by itself; it must say what PQconninfoParse says. No host is asked: the port is bad.
     */
    @Test
    void its_two_ways_to_read_a_string_are_one() {
        Seed seed = Seed.fixed(2);
        for (int i = 0; i < 3_000; i++) {
            String conninfo = ConninfoStrings.make(seed.next()).text();
            Parsed parsed = Libpq.parse(conninfo);
            // Without either it would be taken for the name of a database.
            if (!conninfo.contains("=") && !conninfo.matches("(?s)postgres(ql)?://.*")) {
                continue;
            }
            Parsed resolved =
                    Libpq.resolve(conninfo, NOTHING, Map.of("port", "x")).options();
            if (!parsed.accepted()) {
                assertThat(resolved.error()).as("%s", seed).isEqualTo(parsed.error());
            } else if (resolved.accepted()) {
                Map<String, String> values = new LinkedHashMap<>(parsed.values());
                values.put("port", "x");
                // These get a value when they are set to nothing.
                values.values().removeIf(String::isEmpty);
                assertThat(resolved.values()).as("%s", seed).containsAllEntriesOf(values);
            }
        }
    }

    @Test
    void the_environment_is_replaced_and_restored() {
        String home = CEnvironment.get("HOME");
        String path = CEnvironment.get("PATH");
        assertThat(Libpq.resolve("host=/no/such", Map.of("HOME", "/no/such", "PGUSER", "zoë", "PGPORT", "1"))
                        .options()
                        .values())
                .containsEntry("user", "zoë")
                .containsEntry("dbname", "zoë")
                .containsEntry("port", "1")
                .containsEntry("passfile", "/no/such/.pgpass");
        assertThat(CEnvironment.get("PGUSER")).isEqualTo(System.getenv("PGUSER"));
        assertThat(CEnvironment.get("HOME")).isEqualTo(home);
        assertThat(CEnvironment.get("PATH")).isEqualTo(path).isNotNull();
    }

    @Test
    void refused_options_are_told_from_failed_attempts() {
        Libpq.Resolved refused = Libpq.resolve("host=/no/such sslmode=nonsense", NOTHING);
        assertThat(refused.options().error()).isEqualTo("invalid sslmode value: \"nonsense\"");
        assertThat(refused.connectError()).isNull();
        Libpq.Resolved failed = Libpq.resolve("host=/no/such", NOTHING);
        assertThat(failed.options().accepted()).isTrue();
        assertThat(failed.connectError())
                .startsWith("connection to server on socket \"/no/such/.s.PGSQL.5432\" failed: ");
        assertThat(Libpq.resolve("host=/no/such port=0", NOTHING).connectError())
                .isEqualTo("invalid port number: \"0\"");
    }

    @Test
    void it_was_compiled_with_these_directories() throws IOException {
        assertThat(Libpq.resolve("", NOTHING).host()).isEqualTo(Libpq.SOCKET_DIRECTORY);
        assertThat(Files.readString(LibpqApi.FILE, StandardCharsets.ISO_8859_1))
                .contains('\0' + Libpq.SYSTEM_CONFIG_DIRECTORY + '\0');
    }

    @Test
    void service_and_password_files_are_read() throws IOException {
        Path passwords = directory.resolve(".pgpass");
        Files.createFile(passwords, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(passwords, "localhost:5433:*:me:right\n");
        Files.writeString(directory.resolve(".pg_service.conf"), "[s]\nport=5433\nuser=me\n");
        Map<String, String> environment = Map.of("HOME", directory.toString());
        Libpq.Resolved resolved = Libpq.resolve("service=s", environment);
        assertThat(resolved.password()).isEqualTo("right");
        assertThat(resolved.port()).isEqualTo("5433");
        assertThat(resolved.options().values())
                .as("what the file said is not an option")
                .doesNotContainKey("password")
                .containsEntry("service", "s");
        Files.setPosixFilePermissions(passwords, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(Libpq.resolve("service=s", environment).password()).isEmpty();
        assertThat(Libpq.resolve("service=t", environment).options().error())
                .isEqualTo("definition of service \"t\" not found");
    }
}
