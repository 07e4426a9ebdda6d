package io.github.pgmanaged.benchmarks.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.benchmarks.results.Results;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page says what the results say: medians, ratios and whether bars were reached. */
class PageTest {
    @TempDir
    Path directory;

    @Test
    void a_row_has_the_median_of_the_rounds_their_range_and_the_ratio_to_ours() throws IOException {
        String page = page(new Recorded()
                .rounds(Scenario.PLAIN, 8, "pgmanaged", 5, 10_000, 30_000, 20_000)
                .rounds(Scenario.PLAIN, 8, "HikariCP", 12.34, 9_000, 11_000)
                .results());

        assertThat(page)
                .contains(
                        "| pgmanaged | 20,000 | 10,000 to 30,000 | 1.00 | 1.00 | 5.00 | 20.0 | 30.0 | 0.90 | 50.0 | 40.0"
                                + " | 1,000 |")
                .contains("| HikariCP | 10,000 | 9,000 to 11,000 | 0.50 | 1.00 | 12.3 |");
    }

    @Test
    void a_bar_is_reached_by_medians_and_its_best_pool_is_found_in_the_results() throws IOException {
        String page = page(new Recorded()
                .rounds(Scenario.PLAIN, 8, "pgmanaged", 5, 12_000, 11_500, 90_000)
                .rounds(Scenario.PLAIN, 8, "HikariCP", 10, 10_000)
                .rounds(Scenario.PLAIN, 8, "Agroal", 10, 10_500)
                .rounds(Scenario.PLAIN, 8, "fair lock", 1, 99_000)
                .results());

        assertThat(page)
                .contains("| Unix socket, 8 threads | leases/s ≥ 1.10 × the best pool's (Agroal) | 1.14 × | yes |")
                .contains("| Unix socket, 8 threads | p99 ≤ 0.5 × HikariCP's | 0.50 × | yes |")
                .contains("| TCP, 8 threads | p99 ≤ 0.5 × HikariCP's | not measured | – |");
    }

    @Test
    void a_bar_that_was_missed_is_told_with_the_figures_behind_it() throws IOException {
        String page = page(new Recorded()
                .rounds(Scenario.PLAIN, 64, "pgmanaged", 12, 9_000)
                .rounds(Scenario.PLAIN, 64, "HikariCP", 60, 8_000)
                .rounds(Scenario.PLAIN, 64, "fair lock", 10, 10_000)
                .results());

        assertThat(page)
                .contains("| Unix socket, 64 threads | leases/s ≥ the fair lock's | 0.90 × | **no** |")
                .contains("| Unix socket, 64 threads | leases/s ≥ 1.2 × HikariCP's | 1.13 × | **no** |")
                .contains("| Unix socket, 64 threads | p99 ≤ 1.1 × the fair lock's | 1.20 × | **no** |")
                .contains("| Unix socket, 64 threads | p99 ≤ 0.2 × HikariCP's | 0.20 × | yes |")
                .contains("| Unix socket, 64 threads | slowest thread's leases ≥ 0.8 × the fastest's | 0.90 × | yes |")
                .contains("2 bars were reached and 3 were not.")
                .contains("- Unix socket, 64 threads, leases/s ≥ the fair lock's: pgmanaged: 9,000 leases/s"
                        + " (9,000 to 9,000), p99 12.0 ms, longest 30.0 ms, slowest/fastest thread 0.90;"
                        + " fair lock: 10,000 leases/s");
    }

    @Test
    void with_own_work_only_a_figure_outside_of_the_others_range_is_worse() throws IOException {
        String page = page(new Recorded()
                .rounds(Scenario.OWN_WORK, 8, "pgmanaged", 5, 1_000, 1_200)
                .rounds(Scenario.OWN_WORK, 8, "HikariCP", 4, 1_190, 1_300)
                .results());

        assertThat(page)
                .contains("leases/s no worse than the best pool's by more than noise | 0.88 × (HikariCP) | yes |")
                .contains("p99 no worse than the best pool's by more than noise | 1.25 × (HikariCP) | **no** |");
    }

    @Test
    void costs_are_compared_with_the_driver_and_with_the_best_pool() throws IOException {
        String page = page(new Recorded()
                .cost("BorrowBenchmark.nothing", "pgmanaged", 96, 90.0, 110.0)
                .cost("BorrowBenchmark.nothing", "HikariCP", 56, 200.0)
                .cost("BorrowBenchmark.nothing", "Agroal", 56, 125.0)
                .cost("HandleBenchmark.getInt", "pgmanaged", 0, 12.0)
                .cost("HandleBenchmark.getInt", "raw connection", 0, 10.0)
                .cost("RowsBenchmark.rows", "pgmanaged", 0, 1e9)
                .cost("RowsBenchmark.rows", "raw connection", 0, 0.99e9)
                .results());

        assertThat(page)
                .contains("| acquire and close, 1 thread | ns ≤ the best pool's (Agroal) | 0.80 × | yes |")
                .contains("| acquire and close | bytes ≤ 96 | 96 | yes |")
                .contains("| getInt() | ns ≤ 1.15 × the driver's | 1.20 × | **no** |")
                .contains("| 1,000,000 rows × 10 columns | speed ≥ 0.98 × the driver's | 0.99 × | yes |")
                .contains("| HikariCP | 200 | 200 to 200 | 2.00 | – | 56 |");
    }

    @Test
    void waiters_are_judged_by_leases_memory_and_the_slope_of_the_curve() throws IOException {
        String page = page(new Recorded()
                .rounds(Scenario.VIRTUAL, 64, "pgmanaged", 5, 10_000)
                .rounds(Scenario.VIRTUAL, 10_000, true, "pgmanaged", 900, 8_000)
                .rounds(Scenario.WAITERS, 2, true, "pgmanaged", 5, 10_000)
                .rounds(Scenario.WAITERS, 11, true, "pgmanaged", 5, 10_000)
                .rounds(Scenario.WAITERS, 101, true, "pgmanaged", 5, 5_000)
                .waiter("", 1_000)
                .waiter("pgmanaged", 1_500)
                .results());

        assertThat(page)
                .contains(
                        "| Unix socket, 10,000 virtual threads | leases/s ≥ 0.9 × 64 platform threads' | 0.80 × | **no** |")
                .contains("at least 9 leases a thread, pinned 0 times | yes |")
                .contains("| ≤ 2 KiB beside one that is only parked | 500 bytes | yes |")
                // 100, 100 and 200 µs: the line rises by 50 for each ten times as many, of a mean of 133.
                .contains("| 1 to 100 waiting threads | cost of a lease grows by ≤ 10 % with each ten times as many |"
                        + " +38 %: 100, 100, 200 µs | **no** |")
                .contains(
                        "### Unix socket, 1 waiting virtual thread\n",
                        "### Unix socket, 100 waiting virtual threads\n");
    }

    @Test
    void a_contender_that_failed_is_told_and_has_no_figures() throws IOException {
        String page = page(new Recorded()
                .rounds(Scenario.PLAIN, 512, "pgmanaged", 5, 10_000)
                .failed(Scenario.PLAIN, 512, "c3p0", "it gave up")
                .results());

        assertThat(page).contains("| c3p0 | – | – to – | – |").contains("c3p0 failed in 1 rounds: it gave up");
    }

    @Test
    void a_part_during_which_something_else_was_running_is_marked_and_told_first() throws IOException {
        Recorded quiet = new Recorded().rounds(Scenario.PLAIN, 8, "pgmanaged", 5, 10_000);
        assertThat(page(quiet.section("PLAIN, Unix socket, 8 threads", 3.9, 0.1, "")
                        .results()))
                .contains("Nothing else was running on the machine")
                .doesNotContain("Something else was running");
        for (double[] loadAndOthers : new double[][] {{4.1, 0.1}, {1.0, 0.5}}) {
            assertThat(page(new Recorded()
                            .rounds(Scenario.PLAIN, 8, "pgmanaged", 5, 10_000)
                            .cost("BorrowBenchmark.nothing", "pgmanaged", 96, 90.0)
                            .section("PLAIN, Unix socket, 8 threads", loadAndOthers[0], loadAndOthers[1], "")
                            .section("BorrowBenchmark, 1 thread", 0.2, 0, "")
                            .results()))
                    .contains("**Something else was running** on the machine during 1 of the 2 parts")
                    .contains("### Unix socket, 8 threads\n\n3 rounds of 1000 ms.\n\n**Something else was running")
                    .contains("### BorrowBenchmark.nothing, 1 thread\n\n| ")
                    .contains("| BorrowBenchmark, 1 thread | 60 | 0.20 | 0.20 | 0.00 |  |");
        }
    }

    @Test
    void a_part_that_failed_is_told() throws IOException {
        assertThat(page(new Recorded()
                        .section("RowsBenchmark, 1 thread", 1, -1, "it\ngave up")
                        .results()))
                .contains("**Failed**: RowsBenchmark, 1 thread: it gave up")
                .contains("| RowsBenchmark, 1 thread | 60 | 1.00 | 1.00 | – |");
    }

    @Test
    void plots_are_drawn_the_same_each_time_and_the_page_shows_them() throws IOException {
        Results results = new Recorded()
                .rounds(Scenario.PLAIN, 1, "pgmanaged", 5, 10_000)
                .rounds(Scenario.PLAIN, 64, "pgmanaged", 5, 11_000)
                .rounds(Scenario.PLAIN, 1, "HikariCP", 5, 10_000)
                .rounds(Scenario.PLAIN, 64, "HikariCP", 60, 8_000)
                .cost("HandleBenchmark.getInt", "pgmanaged", 0, 12.0)
                .cost("HandleBenchmark.getInt", "raw connection", 0, 10.0)
                .results();

        assertThat(Plots.of(results))
                .containsOnlyKeys("leases-socket.svg", "percentiles-socket.svg", "fairness-socket.svg", "overhead.svg")
                .isEqualTo(Plots.of(results));
        String page = page(results);
        for (String plot : Plots.of(results).keySet()) {
            assertThat(page).contains("](benchmarks/" + plot + ")");
            assertThat(directory.resolve("benchmarks").resolve(plot)).content().contains("<svg", "</svg>");
        }
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .doesNotContainAnyElementsOf(List.of("benchmarks.md.new", "overhead.svg.new"));
        }
    }

    /** Written, read again as a run keeps it, and rendered. */
    private String page(Results results) throws IOException {
        Path kept = Files.writeString(directory.resolve("results.json"), results.toJson());
        return Files.readString(Pages.write(Results.read(kept), directory));
    }
}
