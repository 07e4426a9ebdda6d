package io.github.pgmanaged.faults.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the cells of this run came to, in target/faults-by-message.md. */
final class TablePage {
    private static final Path PAGE = Path.of("target", "faults-by-message.md");

    private record Came(String told, Duration longest) {}

    private final Map<Fault, Map<Phase, Came>> cells = new EnumMap<>(Fault.class);

    void add(Fault fault, Phase phase, String told, Duration longest) {
        cells.computeIfAbsent(fault, row -> new EnumMap<>(Phase.class)).put(phase, new Came(told, longest));
    }

    void write() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.addAll(List.of(
                "# Every fault at every phase",
                "",
                "Each cell: what the thread was told, and how long the fault held a thread up at the most, in one call.",
                "\"done\" is what happens without a fault; else it is the SQLState of the first exception. 08007 is a"
                        + " COMMIT of unknown outcome, 08003 a lease that was revoked (`maxLease`) or closed, 25000 a"
                        + " transaction left open and rolled back. The longest of a row leaves out the closing, which"
                        + " waits for the holder.",
                "",
                "The managers' options: acquireTimeout " + millis(Limits.ACQUIRE_TIMEOUT) + ", maxLease "
                        + millis(Limits.MAX_LEASE) + ", releaseTimeout " + millis(Limits.RELEASE_TIMEOUT)
                        + ", validateAfterIdle 0, connect_timeout " + Limits.CONNECT_TIMEOUT_SECONDS + " s.",
                ""));
        lines.add(
                row("fault", Arrays.stream(Phase.values()).map(Phase::toString).toList()) + " longest |");
        lines.add("|---".repeat(Phase.values().length + 2) + "|");
        cells.forEach((fault, row) -> lines.add(row(
                        fault.toString(),
                        Arrays.stream(Phase.values())
                                .map(phase -> text(row.get(phase)))
                                .toList())
                + " " + longest(row) + " |"));
        Files.createDirectories(PAGE.getParent());
        Files.write(PAGE, lines);
        lines.forEach(System.out::println);
    }

    private static String row(String head, List<String> columns) {
        return "| " + head + " | " + columns.stream().collect(Collectors.joining(" | ")) + " |";
    }

    private static String text(Came came) {
        return came == null ? "" : came.told + ", " + millis(came.longest);
    }

    private static String longest(Map<Phase, Came> row) {
        return millis(row.entrySet().stream()
                .filter(cell -> cell.getKey() != Phase.CLOSING)
                .map(Map.Entry::getValue)
                .map(Came::longest)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO));
    }

    private static String millis(Duration time) {
        return time.toMillis() + " ms";
    }
}
