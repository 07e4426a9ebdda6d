package io.github.pgmanaged.benchmarks.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.benchmarks.results.LeaseProfile;
import io.github.pgmanaged.benchmarks.results.LeaseProfile.Spent;
import io.github.pgmanaged.benchmarks.results.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples become times of a lease, and only the tables of the page are written. */
class ProfilePageTest {
    private static final Machine MACHINE =
            new Machine("a processor", 2, "8 GB", "a system", "a JDK", "-Xmx1g", "18.1", "0.10", "1.00");

    @TempDir
    Path directory;

    @Test
    void samples_are_told_as_their_part_of_the_cpu_time_of_a_lease() {
        LeaseProfile empty =
                profile("empty lease", 100, Map.of(), List.of(new Spent("lease", "Leasing.acquire", false, 8)));
        LeaseProfile used = profile(
                "used lease",
                20_000,
                Map.of("futex", 2.5),
                List.of(
                        new Spent("driver", "PGStream.flush", true, 3),
                        new Spent("driver", "PGStream.flush", false, 1),
                        new Spent("lease", "Leasing.acquire", false, 4)));

        assertThat(ProfilePage.tables("2026-11-27", MACHINE, List.of(empty, used)))
                .contains("2026-11-27; a processor, 2 cores, 8 GB; a system; a JDK, `-Xmx1g`; PostgreSQL 18.1")
                .contains("| the client's CPU time, µs | 0.100 | 20.0 |")
                .contains("| driver |  | 10,000 / 7,500 |")
                .contains("| lease | 100 / 0 | 10,000 / 0 |")
                .contains("| `PGStream.flush` | driver | 10,000 | 50.0 |")
                .contains("| `futex` | 0 | 2.50 |")
                .contains("| how often the backend went to sleep | – | – |")
                .doesNotContain("The backend's system calls\n");
    }

    @Test
    void what_is_written_by_hand_stays() throws IOException {
        Path page = Files.writeString(
                directory.resolve("page.md"),
                "before\n<!-- written by make bench-profile, from here -->\nold\n<!-- to here -->\nafter\n");
        ProfilePage.replace(page, "new\n");
        ProfilePage.replace(page, "newer\n");
        assertThat(page)
                .hasContent(
                        "before\n<!-- written by make bench-profile, from here -->\n\nnewer\n\n<!-- to here -->\nafter\n");
    }

    @Test
    void a_page_without_a_place_for_the_tables_stays_as_it_is() throws IOException {
        Path page = Files.writeString(directory.resolve("page.md"), "by hand\n");
        assertThatThrownBy(() -> ProfilePage.replace(page, "new\n"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("from here");
        assertThat(page).hasContent("by hand\n");
    }

    private static LeaseProfile profile(String title, double cpu, Map<String, Double> calls, List<Spent> spent) {
        return new LeaseProfile(title, cpu, cpu, 0, 96, 0, 0, -1, calls, Map.of(), spent);
    }
}
