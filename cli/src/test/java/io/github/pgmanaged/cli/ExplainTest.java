package io.github.pgmanaged.cli;

import static io.github.pgmanaged.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.conninfo.Candidate;
import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.testing.ClosedPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainTest {
    @TempDir
    private Path directory;

    private static ClosedPort closed;

    @BeforeAll
    static void aClosedPort() throws IOException {
        closed = new ClosedPort();
    }

    @AfterAll
    static void closeIt() throws IOException {
        closed.close();
    }

    @Test
    void everyValueStandsThereWithItsSourceAndSecretsDoNot() {
        Run run = run("explain", "host=127.0.0.1 port=7 user=me password=hunter2 sslcompression=1");
        assertThat(run.status()).isZero();
        assertThat(run.out())
                .containsPattern("user +me +string")
                .containsPattern("password +\\*\\*\\* +string")
                .containsPattern("dbname +me +default")
                .contains("1. 127.0.0.1:7 -> 127.0.0.1; password from string")
                .contains("Warning: connection option \"sslcompression\" (string) is ignored")
                .doesNotContain("hunter2");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aFileIsNamedWithItsLine() throws IOException {
        Path service = Files.writeString(directory.resolve("services"), "# ours\n[prod]\nhost=127.0.0.2\nport=7\n");
        Path passwords = Files.writeString(directory.resolve("passwords"), "\n127.0.0.2:7:*:me:hunter2\n");
        Files.setPosixFilePermissions(passwords, PosixFilePermissions.fromString("rw-------"));
        Run run = run("explain", "service=prod servicefile=" + service + " user=me passfile=" + passwords);
        assertThat(run.status()).isZero();
        assertThat(run.out())
                .containsPattern("host +127\\.0\\.0\\.2 +services:3")
                .containsPattern("port +7 +services:4")
                .contains("password from passwords:2")
                .contains("services is " + service)
                .doesNotContain("hunter2");
    }

    @Test
    void everyServerIsTriedAndTheOneItLeadsToIsDescribed() throws IOException {
        ConnInfo given = ConnInfo.parse(TestServer.conninfo());
        Map<String, String> values = given.resolve(Environment.current()).values();
        Candidate live = given.resolve(Environment.current()).candidates().get(0);
        Run run = run(
                "explain",
                "--connect",
                "host=127.0.0.1," + live.host() + " port=" + closed.port() + "," + live.port() + " user="
                        + values.get("user")
                        + " dbname=" + values.get("dbname") + " password='" + values.getOrDefault("password", "")
                        + "'");
        assertThat(run.status()).isZero();
        assertThat(run.out())
                .contains(
                        "connection to server at \"127.0.0.1\", port " + closed.port() + " failed: Connection refused")
                .contains("The string leads to:")
                .containsPattern("PostgreSQL [0-9.]+.* at .*, a primary")
                .contains("database " + values.get("dbname"))
                .containsPattern("round trip [0-9.]+ ms");
    }

    @Test
    void aStringThatLeadsNowhereIsStatusOne() throws IOException {
        Run run = run("explain", "--connect", "postgres://u:hunter2@127.0.0.1:" + closed.port() + "/a");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).contains("The string leads nowhere:").doesNotContain("hunter2");
    }

    @Test
    void aStringThatCannotBeUnderstoodIsStatusTwo() {
        for (String bad : new String[] {
            "hots=a",
            "postgres://u:hunter2@h:port/a",
            "postgres://u:hunter2%zz@h/a",
            "service=nowhere",
            "sslmode=always",
            "password=hunter2 client_encoding=LATIN1"
        }) {
            Run run = run("explain", bad);
            assertThat(run.status()).as(bad).isEqualTo(2);
            assertThat(run.err())
                    .startsWith("pgmanaged: Invalid connection string: ")
                    .doesNotContain("hunter2");
            assertThat(run.out()).isEmpty();
        }
    }

    @Test
    void aUrlOfPgjdbcsIsGivenOnAsItIs() throws IOException {
        String url = "jdbc:postgresql://127.0.0.1:" + closed.port() + "/a?user=u&password=hunter2";
        assertThat(run("explain", url).status()).isZero();
        Run connected = run("explain", "--connect", url);
        assertThat(connected.status()).isEqualTo(1);
        assertThat(connected.out().toLowerCase(Locale.ROOT)).contains("refused").doesNotContain("hunter2");
    }
}
