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

/** The page of what the cells of this run came to. */
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
                "# What is told, and after how long",
                "",
                "Each fault at each phase of a lease's life, as `FaultsTest` has run it on a real server of the embedded"
                        + " PostgreSQL. The fault strikes inside the call where it can: at the message of the protocol,"
                        + " or at the server when that message has come. What the caller is told, and that every call"
                        + " keeps to its bound, is asserted; afterwards the next lease works, what was said agrees"
                        + " with what is in the database, and the server counts one session, or none after a close.",
                "",
                "A cell says what the thread was told (*done*, or the SQLState of the first exception) and for how long"
                        + " the fault held it up at the most, in one call. 08007 is a COMMIT of unknown outcome, 08003 a"
                        + " lease whose manager was closed, 25000 a transaction that was left open and is rolled back."
                        + " *Waiting* has a holder in a transaction, and a second thread that waits for it. *Closing*"
                        + " closes the manager while a lease with an open transaction is out, which has"
                        + " `releaseTimeout` to end; the longest of a row leaves it out.",
                "",
                "The managers' options: `acquireTimeout` " + millis(Limits.ACQUIRE_TIMEOUT) + ", `maxLease` "
                        + millis(Limits.MAX_LEASE) + ", `releaseTimeout` " + millis(Limits.RELEASE_TIMEOUT)
                        + ", `validateAfterIdle` 0, `connect_timeout` " + Limits.CONNECT_TIMEOUT_SECONDS
                        + " s. A verified commit is one with `verifyCommits`; the full reset is `sessionReset(FULL)`.",
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
