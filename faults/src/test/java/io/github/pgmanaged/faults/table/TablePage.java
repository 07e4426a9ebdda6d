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

/** The page with the results of this run. */
final class TablePage {
    private static final Path PAGE =
            Path.of(Boolean.getBoolean("pgmanaged.write.docs") ? "../docs" : "target", "faults.md");

    private record Came(String told, Duration longest) {}

    private final Map<Fault, Map<Phase, Came>> cells = new EnumMap<>(Fault.class);

    void add(Fault fault, Phase phase, String told, Duration longest) {
        cells.computeIfAbsent(fault, row -> new EnumMap<>(Phase.class)).put(phase, new Came(told, longest));
    }

    void write() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.addAll(List.of(
                "# Faults by phase: result and time",
                "",
                "`FaultsTest` injects each fault at each phase of a lease's life, on a real server (the embedded"
                        + " PostgreSQL). Where possible the fault strikes inside a call: at a message of the protocol,"
                        + " or at the server when that message arrives. The test asserts the result and that every call"
                        + " ends within its bound. Afterwards the next lease works, the results agree with the"
                        + " contents of the database, and the server counts one session, or none after a close.",
                "",
                "A cell has the thread's result (*done*, or the SQLState of the first exception) and the longest time"
                        + " that the fault blocked it in one call. 08007: the outcome of a COMMIT is unknown. 08003: the"
                        + " lease's manager was closed. 25000: a transaction was left open and rolled back. *Waiting*:"
                        + " a second thread waits while the holder is in a transaction. *Closing*: the manager is"
                        + " closed while a lease with an open transaction has `releaseTimeout` to finish; the *longest*"
                        + " of a row excludes it.",
                "",
                "Options of the managers: `acquireTimeout` " + millis(Limits.ACQUIRE_TIMEOUT) + ", `maxLease` "
                        + millis(Limits.MAX_LEASE) + ", `releaseTimeout` " + millis(Limits.RELEASE_TIMEOUT)
                        + ", `validateAfterIdle` 0, `connect_timeout` " + Limits.CONNECT_TIMEOUT_SECONDS
                        + " s. A *verified* commit has `verifyCommits`; the *full* reset is `sessionReset(FULL)`.",
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
