package io.github.pgmanaged.conninfo.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Every cell is as libpq has it, or stands in the list of differences. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class TlsOracleTest {
    private static TlsOracle oracle;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() throws IOException {
        oracle = new TlsOracle();
    }

    @AfterAll
    static void stop() throws IOException {
        oracle.close();
    }

    @Test
    void a_path_is_judged_as_libpq_judges_it() throws IOException {
        List<Cell> cells = new ArrayList<>();
        List<Scenario> scenarios = new ArrayList<>(PathScenarios.all());
        scenarios.addAll(CertificateScenarios.all());
        scenarios.addAll(ConstraintScenarios.all());
        scenarios.addAll(RootFileScenarios.all());
        for (int i = 0; i < scenarios.size(); i++) {
            Scenario scenario = scenarios.get(i);
            Path roots = directory.resolve("root" + i + ".crt");
            Files.write(roots, scenario.roots().getBytes(StandardCharsets.UTF_8));
            String conninfo = "host=localhost hostaddr=127.0.0.1 sslrootcert=" + roots;
            cells.add(new Cell(scenario.name() + ", verify-ca", scenario, conninfo + " sslmode=verify-ca", directory));
            cells.add(new Cell(
                    scenario.name() + ", prefer, TLS 1.2",
                    scenario,
                    conninfo + " sslmode=prefer ssl_max_protocol_version=TLSv1.2",
                    directory));
            cells.add(new Cell(
                    scenario.name() + ", not verified",
                    scenario,
                    "host=localhost hostaddr=127.0.0.1 sslmode=require",
                    directory));
        }
        compare("paths", cells);
    }

    @Test
    void a_name_is_matched_as_libpq_matches_it() throws IOException {
        List<Cell> cells = new ArrayList<>();
        List<Scenario> scenarios = NameScenarios.all();
        for (int i = 0; i < scenarios.size(); i++) {
            Scenario scenario = scenarios.get(i);
            Path roots = directory.resolve("root" + i + ".crt");
            Files.writeString(roots, scenario.roots());
            for (String host : NameScenarios.HOSTS) {
                cells.add(new Cell(
                        scenario.name() + ", host " + host,
                        scenario,
                        (host.isEmpty() ? "" : "host='" + host + "' ")
                                + "hostaddr=127.0.0.1 sslmode=verify-full sslrootcert=" + roots,
                        directory));
            }
        }
        compare("names", cells);
    }

    @Test
    void a_default_file_does_what_it_does_with_libpq() throws IOException {
        compare("files", FileCells.all(directory));
    }

    private static void compare(String kind, List<Cell> cells) throws IOException {
        List<TlsOracle.Answer> answers = new ArrayList<>();
        for (Cell cell : TlsOracle.sample(cells)) {
            answers.add(oracle.ask(cell));
        }
        Differences.Report report = Differences.report(answers);
        System.out.println("TLS " + kind + ": " + answers.size() + " of " + cells.size() + " cells asked, "
                + report.known() + " of them known differences");
        Path page = Path.of("target", "tls-" + kind + ".txt");
        Files.write(page, report.unknown().stream().map(String::valueOf).toList());
        assertThat(report.unknown())
                .as("cells that neither agree with libpq nor stand in Differences; also in " + page)
                .isEmpty();
    }
}
