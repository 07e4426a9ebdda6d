package io.github.pgmanaged.conninfo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that have no end, or more than there is room for, or are no text. */
@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
class HostileFilesTest {
    private static final long GIGABYTE = 1L << 30;

    @TempDir
    private Path home;

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_service_file_without_an_end_is_refused() throws Exception {
        Path fifo = home.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        for (String file : List.of("/dev/zero", fifo.toString())) {
            assertThatThrownBy(() -> resolve("service=prod servicefile=" + file))
                    .isInstanceOf(InvalidConnInfoException.class)
                    .hasMessage("service file \"" + file + "\" is not a plain file");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/null", "/tmp"})
    void a_service_file_without_anything_has_no_services_as_with_libpq(String file) {
        Map<String, String> variables = Map.of("HOME", home.toString(), "PGSERVICEFILE", file);
        String theirs = Libpq.resolve("service=prod", variables).options().error();
        assertThatThrownBy(() -> resolve("service=prod", variables)).hasMessage(theirs);
    }

    @Test
    void a_service_file_of_a_gigabyte_is_refused_as_libpq_does() throws IOException {
        Path file = sparse(home.resolve("services"), "[other]\nuser=you\n[prod]\nuser=me\nport=");
        Map<String, String> variables = Map.of("HOME", home.toString(), "PGSERVICEFILE", file.toString());
        assertThatThrownBy(() -> resolve("service=prod", variables))
                .isInstanceOf(InvalidConnInfoException.class)
                .hasMessage("line 5 too long in service file \"" + file + '"');
        assertThat(resolve("service=other", variables).setting(Keyword.USER).map(Setting::value))
                .contains("you");
    }

    @Test
    void a_line_of_a_service_file_may_be_as_rootsas_libpq_lets_it() {
        for (int length : new int[] {1015, 1016, 1017, 1018, 1019, 1020, 2000}) {
            Path file = home.resolve("services");
            Directories.write(file, List.of("[prod]", "user=" + "u".repeat(length - 5)));
            Map<String, String> variables = Map.of("HOME", home.toString(), "PGSERVICEFILE", file.toString());
            Parsed theirs = Libpq.resolve("service=prod", variables).options();
            if (theirs.error() == null) {
                assertThat(resolve("service=prod", variables).values().get("user"))
                        .hasSize(length - 5);
            } else {
                assertThatThrownBy(() -> resolve("service=prod", variables)).hasMessage(theirs.error());
            }
        }
    }

    @Test
    void a_password_file_of_a_gigabyte_is_read_a_line_at_a_time() throws IOException {
        Path file = sparse(home.resolve("passwords"), "a:1:*:me:first\nb:1:*:me:");
        Directories.permit(file, "rw-------");
        try (RandomAccessFile end = new RandomAccessFile(file.toFile(), "rw")) {
            end.seek(end.length());
            end.write("\nc:1:*:me:last\n".getBytes(ISO_8859_1));
        }
        Resolution resolution = resolve("host=a,b,c port=1 user=me passfile=" + file);
        assertThat(resolution.candidates())
                .extracting(candidate ->
                        candidate.passwordSource().map(Source::toString).orElse("none"))
                .containsExactly("passwords:1", "none", "passwords:3");
    }

    @Test
    void a_password_that_is_not_utf_8_is_refused_and_not_another_one() throws IOException {
        Path file = home.resolve("passwords");
        Files.write(file, "# \u00e9\n\u00e9:1:*:me:x\na:1:*:me:caf\u00e9\n*:*:*:*:good\n".getBytes(ISO_8859_1));
        Directories.permit(file, "rw-------");
        assertThatThrownBy(() -> resolve("host=a port=1 user=me passfile=" + file))
                .isInstanceOf(InvalidConnInfoException.class)
                .hasMessage("line 3 of password file \"" + file + "\" is not UTF-8");
        assertThat(resolve("host=b port=1 user=me passfile=" + file)
                        .candidates()
                        .get(0)
                        .passwordSource())
                .isPresent();
    }

    @Test
    void a_service_that_is_not_utf_8_is_refused_and_others_are_not() throws IOException {
        Path file = home.resolve("services");
        Files.write(file, "# \u00e9\n[one]\nuser=me\n[two]\napplication_name=caf\u00e9\n".getBytes(ISO_8859_1));
        assertThat(resolve("service=one servicefile=" + file).values()).containsEntry("user", "me");
        assertThatThrownBy(() -> resolve("service=two servicefile=" + file))
                .isInstanceOf(InvalidConnInfoException.class)
                .hasMessage("not UTF-8 in service file \"" + file + "\", line 5");
    }

    /** What is not asked cannot hang. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void a_file_for_tls_without_an_end_is_refused() throws Exception {
        Path fifo = home.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        Path roots = sparse(home.resolve("roots"), "");
        try (TalkingServer server = new TalkingServer((in, out) -> {
            TalkingServer.packet(in);
            out.write('S');
            in.read();
        })) {
            String conninfo = "host=127.0.0.1 user=me connect_timeout=60 port=" + server.port() + " sslrootcert=";
            for (String file : List.of("/dev/zero", fifo.toString())) {
                assertThatThrownBy(Sources.of(conninfo + file)::getConnection)
                        .hasMessageEndingWith("\"" + file + "\": not a regular file");
            }
            assertThatThrownBy(Sources.of(conninfo + roots)::getConnection)
                    .hasMessageEndingWith("\"" + roots + "\": longer than 64 MiB");
        }
    }

    /** Zeroes up to a gigabyte, which take no room on the disk. */
    private static Path sparse(Path file, String beginning) throws IOException {
        Files.write(file, beginning.getBytes(ISO_8859_1));
        try (RandomAccessFile whole = new RandomAccessFile(file.toFile(), "rw")) {
            whole.setLength(GIGABYTE);
        }
        return file;
    }

    private Resolution resolve(String conninfo) {
        return resolve(conninfo, Map.of());
    }

    private Resolution resolve(String conninfo, Map<String, String> variables) {
        return ConnInfo.parse(conninfo)
                .resolve(Environment.empty()
                        .withHome(home)
                        .withOsUser("me")
                        .withSystemConfigDirectory(Path.of(Libpq.SYSTEM_CONFIG_DIRECTORY))
                        .withVariables(variables));
    }
}
