package io.github.pgmanaged.conninfo.internal.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.conninfo.Ask;
import io.github.pgmanaged.conninfo.Directories;
import io.github.pgmanaged.conninfo.FakeServer;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.RealServer;
import io.github.pgmanaged.conninfo.Sources;
import io.github.pgmanaged.testing.ClosedPort;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A name with several addresses. A JVM can be given its own hosts file only when it starts, so that each test has one
 * of its own. Only Linux has more than one loopback address without being asked.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class SeveralAddressesTest {
    private static RealServer server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        server = RealServer.start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void every_address_of_a_name_is_tried() throws Exception {
        assertThat(opened("host=twins port=" + server.port())).isEqualTo("reached 127.0.0.1");
    }

    @Test
    void every_address_that_fails_is_told() throws Exception {
        try (ClosedPort closed = new ClosedPort()) {
            assertThat(opened("host=twins port=" + closed.port()))
                    .containsSubsequence(
                            "connection to server at \"twins\" (127.0.0.2), port " + closed.port() + " failed: ",
                            "connection to server at \"twins\" (127.0.0.1), port " + closed.port() + " failed: ");
        }
    }

    @Test
    void a_server_that_is_starting_up_on_one_address_is_not_tried_on_another() throws Exception {
        try (FakeServer starting = FakeServer.refusing("127.0.0.2", server.port(), "57P03", "starting up")) {
            assertThat(opened("host=twins port=" + server.port()))
                    .isEqualTo("connection to server at \"twins\" (127.0.0.2), port " + starting.port()
                            + " failed: FATAL: starting up");
            assertThat(opened("host=twins,127.0.0.1 port=" + server.port())).isEqualTo("reached 127.0.0.1");
        }
    }

    @Test
    void a_random_order_is_one_of_addresses_too() throws Exception {
        try (FakeServer starting = FakeServer.refusing("127.0.0.2", server.port(), "57P03", "starting up")) {
            assertThat(opened("load_balance_hosts=random host=twins port=" + server.port(), 60))
                    .contains("reached 127.0.0.1", "(127.0.0.2), port " + starting.port());
        }
    }

    private String opened(String conninfo) throws Exception {
        return opened(conninfo, 1);
    }

    /** What {@link #main} says in another JVM. */
    private String opened(String conninfo, int times) throws Exception {
        Path hosts = directory.resolve("hosts");
        Directories.write(hosts, List.of("127.0.0.2 twins", "127.0.0.1 twins"));
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djdk.net.hosts.file=" + hosts,
                        "-cp",
                        System.getProperty("java.class.path"),
                        SeveralAddressesTest.class.getName(),
                        "user=postgres dbname=postgres " + conninfo,
                        Integer.toString(times))
                .redirectErrorStream(true)
                .start();
        java.getOutputStream().close();
        String said = new String(java.getInputStream().readAllBytes(), UTF_8);
        assertThat(java.waitFor()).as(said).isZero();
        return said.strip();
    }

    /** Opens connections, and says where they lead or why they do not. */
    public static void main(String[] args) {
        LibpqDataSource source = Sources.of(args[0]);
        List<String> said = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            try {
                said.add("reached " + Ask.one(source, "SELECT host(inet_server_addr())"));
            } catch (SQLException e) {
                said.add(e.getMessage());
            }
        }
        System.out.println(String.join("\n", said));
    }
}
