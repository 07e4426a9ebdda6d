package io.github.pgmanaged.benchmarks.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgmanaged.benchmarks.contenders.BenchServer;
import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.results.Measured;
import io.github.pgmanaged.benchmarks.results.Section;
import io.github.pgmanaged.benchmarks.results.Series;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.results.Series.Transport;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The measuring is sound, on a real server; no figure is judged. */
class RoundsTest {
    private static BenchServer server;
    private static ServerProcesses processes;

    @BeforeAll
    static void start() throws Exception {
        server = BenchServer.find();
        processes = ServerProcesses.of(server);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void all_who_share_a_connection_get_as_many_answers_a_lease_as_the_driver_alone() throws Exception {
        double driver = RoundTrips.perLease(Contenders.named(Contenders.RAW), server.tcp());
        assertThat(driver).isGreaterThanOrEqualTo(2);
        List<String> counted = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (String name : names()) {
            counted.add(name + ": " + RoundTrips.perLease(Contenders.named(name), server.tcp()));
            expected.add(name + ": " + driver);
        }
        assertThat(counted).isEqualTo(expected);
    }

    @Tag("long")
    @Test
    void each_contender_plays_each_round_over_both_transports_and_does_not_fail() throws Exception {
        Rounds rounds = new Rounds(server, line -> {});
        for (Transport transport : Transport.values()) {
            Series series = new Series(Scenario.PLAIN, transport, 3, false, 2, 100, 50, shared());
            List<Measured> measured = rounds.play(series);
            assertThat(measured).hasSameSizeAs(shared()).allSatisfy(each -> {
                assertThat(each.failures()).isEmpty();
                assertThat(each.samples()).hasSize(2).allSatisfy(sample -> {
                    assertThat(sample.leases()).isPositive();
                    assertThat(sample.p50()).isPositive().isLessThanOrEqualTo(sample.p99());
                    assertThat(sample.p99()).isLessThanOrEqualTo(sample.max());
                    assertThat(sample.fewest()).isLessThanOrEqualTo(sample.most());
                    assertThat(sample.allocatedBytes()).isPositive();
                });
            });
        }
    }

    @Test
    void a_failure_is_kept_and_ends_only_that_round() throws Exception {
        Series series =
                new Series(Scenario.PER_USE, Transport.SOCKET, 2, false, 1, 100, 50, List.of(Contenders.PER_USE));
        Rounds rounds = new Rounds(server, line -> {});
        List<Connection> all = new ArrayList<>();
        Measured measured;
        try {
            takeAllConnections(all);
            measured = rounds.play(series).get(0);
        } finally {
            for (Connection each : all) {
                each.close();
            }
            // The server notices some time after a client has hung up that its session has ended.
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .ignoreExceptionsInstanceOf(SQLException.class)
                    .until(
                            () -> server.ask("SELECT count(*) < 50 FROM pg_stat_activity"
                                    + " WHERE backend_type = 'client backend'"),
                            "t"::equals);
        }
        assertThat(measured.samples()).isEmpty();
        assertThat(measured.failures()).singleElement().asString().contains("too many clients");
    }

    @Test
    void a_wait_that_outlasts_the_window_counts_with_its_whole_time() {
        Window window = new Window();
        long before = System.nanoTime();
        assertThat(window.note(before, System.nanoTime()))
                .as("before the window")
                .isFalse();
        window.open();
        window.close();
        long after = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        assertThat(window.note(before, after)).as("ended after the window").isFalse();
        assertThat(window.note(after, after + 1)).as("begun after the window").isFalse();
        assertThat(window.times().getTotalCount()).isEqualTo(1);
        assertThat(window.times().getMaxValue()).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void everyone_comes_first_once_and_last_once() {
        List<String> names = List.of("a", "b", "c");
        List<List<String>> orders = new ArrayList<>();
        for (int round = 0; round < 6; round++) {
            orders.add(Orders.of(names, round));
        }
        assertThat(orders.stream().map(order -> order.get(0))).contains("a", "b", "c");
        assertThat(orders.stream().map(order -> order.get(2))).contains("a", "b", "c");
    }

    @Test
    void the_server_s_processes_are_those_of_this_server() throws Exception {
        assumeTrue(processes.cpuNanos() >= 0, "only Linux tells");
        long before = processes.cpuNanos();
        server.ask("SELECT count(*) FROM generate_series(1, 3000000)");
        assertThat(processes.cpuNanos()).isGreaterThan(before);
        assertThat(processes.bytes()).isGreaterThan(1 << 20);
        for (int i = 0; i < 20; i++) {
            assertThat(ServerProcesses.of(server).cpuNanos()).as("found again").isPositive();
        }
    }

    @Test
    void a_part_that_fails_is_noted_and_the_next_is_run() throws Exception {
        Sections sections = new Sections(server);
        sections.run("first", 1, () -> {
            throw new IllegalStateException("it gave up");
        });
        List<String> ran = new ArrayList<>();
        sections.run("second", 1, () -> ran.add("second"));
        assertThat(ran).containsExactly("second");
        assertThat(sections.list()).extracting(Section::title).containsExactly("first", "second");
        assertThat(sections.list().get(0).failure()).contains("it gave up");
        assertThat(sections.list().get(1).failure()).isEmpty();
    }

    @Test
    void what_another_process_takes_of_the_processors_is_seen() throws Exception {
        assumeTrue(processes.cpuNanos() >= 0, "only Linux tells");
        Sections sections = new Sections(server);
        Process other = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
        try {
            sections.run("beside a process that is busy", 1, () -> {
                Optional<Duration> before = other.info().totalCpuDuration();
                Awaitility.await()
                        .atMost(Duration.ofMinutes(2))
                        .until(() -> other.info()
                                        .totalCpuDuration()
                                        .orElseThrow()
                                        .minus(before.orElseThrow())
                                        .toMillis()
                                >= 1_000);
            });
        } finally {
            other.destroyForcibly().waitFor();
        }
        Section section = sections.list().get(0);
        assertThat(section.others() * (section.seconds() + 1)).isGreaterThan(0.3);
    }

    private static void takeAllConnections(List<Connection> taken) {
        try {
            while (true) {
                taken.add(DriverManager.getConnection(server.socket().url()));
            }
        } catch (SQLException e) {
            assertThat(e.getMessage()).contains("too many clients");
        }
    }

    private static List<String> names() {
        return Contenders.all().stream()
                .map(each -> each.name())
                .filter(name -> !name.equals(Contenders.PER_USE))
                .toList();
    }

    private static List<String> shared() {
        return names().stream().filter(name -> !name.equals(Contenders.RAW)).toList();
    }
}
