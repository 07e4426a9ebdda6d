package io.github.pgmanaged.cli;

import static io.github.pgmanaged.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.testing.ClosedPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command as a user runs it, on a real server. */
@Timeout(120)
class DemoTest {
    private static final String CONNINFO = TestServer.conninfo();

    private static final DataSource SERVER = new LibpqDataSource(CONNINFO);

    @Test
    void theProofHoldsAndTheServerIsLeftAsItWas() throws SQLException {
        List<String> before = schemas();
        Run run = run("demo", "--threads=16", "--seconds=2", "--compare-seconds=1", "--seed=1", CONNINFO);
        assertThat(run.out()).contains("The proof holds.").contains("PASS").doesNotContain("FAIL");
        assertThat(run.out())
                .contains("16 threads shared one connection")
                .contains("wait for a lease")
                .contains("every acknowledged commit is there, exactly once")
                .contains("1 killed")
                .contains("a connection per use");
        assertThat(run.status()).isZero();
        assertThat(schemas()).isEqualTo(before);
    }

    @Test
    void itDrawsWhoHeldTheConnectionWhen(@TempDir Path directory) throws IOException {
        Path page = directory.resolve("demo.html");
        Run run = run("demo", "--threads=8", "--seconds=1", "--compare-seconds=0", "--timeline=" + page, CONNINFO);
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("Who held the connection when: " + page);
        assertThat(Files.readString(page)).startsWith("<!DOCTYPE html>").contains("manager-0");
    }

    @Test
    void theProofFailsWhenSomebodyTampersWithTheBooks() throws SQLException {
        List<String> before = schemas();
        CompletableFuture<Run> running = CompletableFuture.supplyAsync(
                () -> run("demo", "--threads=4", "--seconds=4", "--compare-seconds=0", CONNINFO));
        String schema = await().atMost(1, TimeUnit.MINUTES)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> schemas().stream()
                                .filter(name -> !before.contains(name))
                                .findAny()
                                .orElse(""),
                        name -> !name.isEmpty());
        await().atMost(1, TimeUnit.MINUTES)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> update("DELETE FROM " + schema + ".transfers WHERE id = (SELECT min(id) FROM " + schema
                                + ".transfers)")
                        == 1);
        Run run = running.join();
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out())
                .contains("The proof fails: 2 of 11 checks.")
                .containsPattern("FAIL +\\| every balance is what the transfers make it")
                .containsPattern("FAIL +\\| every acknowledged commit is there, exactly once");
        assertThat(schemas()).isEqualTo(before);
    }

    @Test
    @Timeout(30) // nothing was created, so nothing has to wait for the server
    void aServerThatIsNotThereIsOneLineWithoutSecrets() throws IOException {
        try (ClosedPort closed = new ClosedPort()) {
            Run run = run("demo", "postgres://somebody:hunter2@127.0.0.1:" + closed.port() + "/postgres");
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.err()).startsWith("pgmanaged: ").hasLineCount(1).doesNotContain("hunter2");
            assertThat(run.out()).isEmpty();
        }
    }

    @Test
    void aWrongCommandLineIsTwoAndRepeatsNoSecret() {
        assertThat(run("demo", "--threads=0", CONNINFO).status()).isEqualTo(2);
        assertThat(run("demo", "--threads=many", CONNINFO).status()).isEqualTo(2);
        assertThat(run("demo", "mysql://localhost").status()).isEqualTo(2);
        Run tooMuch = run("demo", CONNINFO, "postgres://somebody:hunter2@localhost/postgres");
        assertThat(tooMuch.status()).isEqualTo(2);
        assertThat(tooMuch.err()).contains("an argument too many").doesNotContain("hunter2");
    }

    @Test
    void helpAndVersionAreThere() {
        assertThat(run("--help").out()).contains("demo");
        assertThat(run("demo", "--help").out()).contains("--threads").contains("conninfo");
        assertThat(run("--version").out()).startsWith("pgmanaged");
    }

    private static List<String> schemas() throws SQLException {
        try (Connection connection = SERVER.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pgmanaged\\_demo\\_%' ORDER BY nspname")) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    private static int update(String sql) throws SQLException {
        try (Connection connection = SERVER.getConnection();
                Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }
}
