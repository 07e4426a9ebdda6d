package io.github.pgmanaged.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README and docs/side-by-side.md say of the matrix is what the page of the last run says. */
class ReadmeFiguresTest {
    private static final Path SUMS = Path.of("../docs/side-by-side.md");
    private static final String BEST = ", best";

    @Test
    void the_sums_are_those_of_the_page() throws IOException {
        assertThat(table(SUMS, "| library | by default")).isEqualTo(rowsOfThePage());
    }

    @Test
    void the_number_of_scenarios_is_right() throws IOException {
        int scenarios = Scenarios.all().size();
        assertThat(Files.readString(SUMS)).contains("plays " + scenarios + " scenarios on a real PostgreSQL");
        assertThat(Files.readString(Path.of("../README.md"))).contains("runs " + scenarios + " scenarios on");
    }

    /** A library a row, with what the page counts by default and with the best options. */
    private static List<String> rowsOfThePage() throws IOException {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (String row : table(Path.of("../docs/guarantee-matrix.md"), "| library | version |")) {
            String[] cells = row.split(" ?\\| ?", -1);
            rows.computeIfAbsent(cells[1].replace(BEST, ""), name -> new ArrayList<>())
                    .add(cells[3] + " " + cells[4] + " " + cells[5]);
        }
        return rows.entrySet().stream()
                .map(row -> "| " + row.getKey() + " | " + row.getValue().get(0) + " | "
                        + (row.getValue().size() > 1 ? row.getValue().get(1) : "") + " |")
                .toList();
    }

    private static List<String> table(Path file, String head) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.dropWhile(line -> !line.startsWith(head))
                    .skip(2)
                    .takeWhile(line -> line.startsWith("|"))
                    .toList();
        }
    }
}
