package io.github.pgmanaged.cli;

import static io.github.pgmanaged.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.testing.EmbeddedServer;
import java.io.IOException;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/** The command on a server of its own, since one test lets that restart. Each leaves no schema behind. */
@Timeout(180)
class StressTest {
    private static EmbeddedServer embedded;
    private static DataSource server;

    @BeforeAll
    static void startServer() throws IOException {
        embedded = EmbeddedServer.start();
        server = new LibpqDataSource(embedded.conninfo());
    }

    @AfterAll
    static void stopServer() throws IOException {
        embedded.close();
    }

    @AfterEach
    void nothingIsLeft() throws SQLException {
        assertThat(schemas()).isEmpty();
    }

    @Test
    void theProofHoldsAndIsReported() {
        Run run = run("stress", "--threads=8", "--seconds=1", "--seed=1", embedded.conninfo());
        assertThat(run.out())
                .contains("8 threads shared one connection")
                .contains("every acknowledged commit is there, exactly once")
                .contains("The proof holds.")
                .doesNotContain("FAIL");
        assertThat(run.status()).isZero();
    }

    @Test
    void jsonIsAllThatStandardOutputHas() {
        Run run = run("stress", "--threads=4", "--seconds=1", "--bad-citizens=0", "--json", embedded.conninfo());
        JsonObject report = JsonParser.parseString(run.out()).getAsJsonObject();
        assertThat(report.get("holds").getAsBoolean()).isTrue();
        assertThat(report.get("threads").getAsInt()).isEqualTo(4);
        assertThat(report.get("bad_citizens").getAsInt()).isZero();
        assertThat(report.get("backends_killed").getAsInt()).isEqualTo(1);
        assertThat(report.get("transfers_acknowledged").getAsLong()).isPositive();
        assertThat(report.getAsJsonArray("proof"))
                .hasSize(11)
                .allSatisfy(
                        check -> assertThat(check.getAsJsonObject().get("holds").getAsBoolean())
                                .isTrue());
        assertThat(report.getAsJsonArray("misbehaviour"))
                .allSatisfy(
                        deed -> assertThat(deed.getAsJsonObject().get("told").getAsLong())
                                .isZero());
        assertThat(run.out()).hasLineCount(1);
        assertThat(run.err()).contains("One connection, many threads");
        assertThat(run.status()).isZero();
    }

    @Test
    void aServerThatRestartsMeanwhileIsWaitedFor() throws Exception {
        CompletableFuture<Run> running = CompletableFuture.supplyAsync(() -> run(
                "stress", "--threads=8", "--seconds=4", embedded.conninfo() + "?options=-c%20synchronous_commit%3Don"));
        String schema = awaitSchema();
        await().atMost(1, TimeUnit.MINUTES)
                .until(() -> query("SELECT count(*) > 10 FROM " + schema + ".transfers")
                        .equals("t"));
        // A backend that crashes makes the server end all of them, and recover.
        try (Connection crashing = server.getConnection()) {
            long backend = crashing.unwrap(PGConnection.class).getBackendPID();
            ProcessHandle.of(backend).orElseThrow().destroyForcibly();
        }
        Run run = running.get(150, TimeUnit.SECONDS);
        assertThat(run.out()).contains("interruptions").contains("The proof holds.");
        assertThat(run.status()).isZero();
    }

    @Test
    void interruptedItStillDropsItsSchema(@TempDir Path directory) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Main.class.getName(),
                        "stress",
                        "--threads=4",
                        "--seconds=600",
                        "--json",
                        embedded.conninfo())
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile())
                .start();
        try {
            String schema = awaitSchema();
            await().atMost(1, TimeUnit.MINUTES)
                    .until(() -> query("SELECT count(*) > 0 FROM " + schema + ".transfers")
                            .equals("t"));
            process.destroy(); // as Ctrl-C does, it begins an orderly shutdown
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isNotZero();
            assertThat(directory.resolve("out")).isEmptyFile();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aUserWhoMayNotCreateASchemaIsToldSo() throws SQLException {
        execute("DROP ROLE IF EXISTS poor", "CREATE ROLE poor LOGIN PASSWORD 'hunter2'");
        Run run = run("stress", "--seconds=1", embedded.conninfo().replace("postgres@", "poor:hunter2@"));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .contains("may not create a schema in this database, and nothing was created")
                .contains("GRANT CREATE ON DATABASE")
                .doesNotContain("hunter2")
                .hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aReadOnlyServerIsToldSo() {
        Run run = run(
                "stress",
                "--seconds=1",
                "--json",
                embedded.conninfo() + "?options=-c%20default_transaction_read_only%3Don");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("The server is read-only").hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aWrongCommandLineIsTwo() {
        assertThat(run("stress", "--bad-citizens=65", embedded.conninfo()).status())
                .isEqualTo(2);
        assertThat(run("stress", "--bad-citizens=-1", embedded.conninfo()).status())
                .isEqualTo(2);
        assertThat(run("stress", "mysql://localhost").status()).isEqualTo(2);
    }

    private static String awaitSchema() {
        return await().atMost(1, TimeUnit.MINUTES)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> schemas().stream().findAny().orElse(""), name -> !name.isEmpty());
    }

    private static List<String> schemas() throws SQLException {
        try (Connection connection = server.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pgmanaged\\_%' ORDER BY nspname")) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    private static String query(String sql) throws SQLException {
        try (Connection connection = server.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void execute(String... statements) throws SQLException {
        try (Connection connection = server.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
