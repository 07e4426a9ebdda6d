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
import java.util.Objects;
import java.util.stream.Collectors;

/** The page with the results of this run. */
final class TablePage {
    private static final Path PAGE =
            Path.of(Boolean.getBoolean("pgmanaged.write.docs") ? "../docs" : "target", "faults.md");

    private final Map<Fault, Map<Phase, Map<Transport, Came>>> cells = new EnumMap<>(Fault.class);
    private final Map<Bound, Map<Transport, Duration>> bounds = new EnumMap<>(Bound.class);

    void add(Fault fault, Phase phase, Map<Transport, Came> came) {
        cells.computeIfAbsent(fault, row -> new EnumMap<>(Phase.class)).put(phase, came);
    }

    void add(Bound bound, Map<Transport, Duration> took) {
        bounds.put(bound, took);
    }

    void write() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.addAll(List.of(
                "# What a thread gets, and after how long",
                "",
                "`FaultsTest` runs each fault at each phase of a lease's life, without TLS and over TLS at the"
                        + " same time, on a real server of the embedded PostgreSQL each. The fault strikes inside the call"
                        + " where it can: at a message of the protocol, or at the server when that message has come. The"
                        + " test asserts what the calls return or throw, and that every call keeps to its bound, which is"
                        + " the same over TLS. Afterwards the next lease works, what the calls said agrees with what is in"
                        + " the database, and the server counts one session, or none after a close.",
                "",
                "A cell says how the work ended (*done*, or the SQLState of the first exception), and how long"
                        + " its longest call took after the strike: without TLS / over TLS. 08007 is a COMMIT of unknown"
                        + " outcome, 08003 a lease whose manager was closed,"
                        + " or that was revoked between two calls of a COPY,"
                        + " 25000 a transaction that was left open and is"
                        + " rolled back. *Waiting* has a holder in a transaction, and a second thread that waits for it."
                        + " *Writing* is a COPY of more than the buffers on the way take. *Closing* closes the manager"
                        + " while a lease with an open transaction is out, which has `releaseTimeout` to end; the longest"
                        + " of a row leaves it out.",
                "",
                "Over TLS (`sslmode=verify-ca`) the proxy that strikes speaks TLS to the client and in clear to"
                        + " the server, so that it can strike at a message. A cut, a reset, a stall, a half-close and a"
                        + " drip come upon the socket below TLS, without a goodbye. A server that is stopped does not"
                        + " consent to TLS. *Handshake* is over TLS alone: the fault strikes when the server has consented."
                        + " There is no session yet, so only the line fails there.",
                "",
                "Options of the managers, which are short only where they have to end a call, and "
                        + Cell.WELL.toSeconds() + " s elsewhere: `acquireTimeout` " + millis(Limits.ACQUIRE_TIMEOUT)
                        + " where there is no other session to be had, and " + millis(Limits.VALIDATING_TIMEOUT)
                        + " for a validation that gets no answer; where nothing comes any more, or hardly anything,"
                        + " `maxLease` "
                        + millis(Limits.MAX_LEASE) + " and `releaseTimeout` " + millis(Limits.RELEASE_TIMEOUT)
                        + ", which is as short for a close, and for a rollback by a backend that is stopped."
                        + " `validateAfterIdle` is 0, `connect_timeout` " + Limits.CONNECT_TIMEOUT_SECONDS
                        + " s. The server's timeouts are " + millis(Fault.TIMEOUT)
                        + "; with one of them, `connect_timeout` is " + Cell.WELL.toSeconds()
                        + " s, too. A *verified* commit has `verifyCommits`; the *full* reset is `sessionReset(FULL)`.",
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
        lines.addAll(List.of(
                "",
                "## Bounds, with and without TLS",
                "",
                "Nothing passes any more on the line of a session; other lines are sound. The session is replaced, and"
                        + " no call ends in an `AcquireTimeoutException`. `validateAfterIdle` is 0.",
                "",
                row("call", List.of("bound", Transport.PLAIN.toString(), Transport.TLS.toString())),
                "|---|---|---|---|"));
        bounds.forEach((bound, took) -> lines.add(row(
                bound.toString(),
                List.of(bound.bound(), millis(took.get(Transport.PLAIN)), millis(took.get(Transport.TLS))))));
        Files.createDirectories(PAGE.getParent());
        Files.write(PAGE, lines);
    }

    private static String row(String head, List<String> columns) {
        return "| " + head + " | " + columns.stream().collect(Collectors.joining(" | ")) + " |";
    }

    /** Both transports in one, where they agree. */
    private static String text(Map<Transport, Came> cell) {
        if (cell == null) {
            return "";
        }
        Came plain = cell.get(Transport.PLAIN);
        Came tls = cell.get(Transport.TLS);
        if (plain == null) {
            return tls.told() + ", – / " + millis(tls.longest());
        }
        return plain.told().equals(tls.told())
                ? plain.told() + ", " + both(plain.longest(), tls.longest())
                : plain.told() + ", " + plain.longest().toMillis() + " / " + tls.told() + ", " + millis(tls.longest());
    }

    private static String both(Duration plain, Duration tls) {
        return plain.toMillis() + " / " + millis(tls);
    }

    private static String longest(Map<Phase, Map<Transport, Came>> row) {
        return both(longest(row, Transport.PLAIN), longest(row, Transport.TLS));
    }

    private static Duration longest(Map<Phase, Map<Transport, Came>> row, Transport transport) {
        return row.entrySet().stream()
                .filter(cell -> cell.getKey() != Phase.CLOSING)
                .map(cell -> cell.getValue().get(transport))
                .filter(Objects::nonNull)
                .map(Came::longest)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    private static String millis(Duration time) {
        return time.toMillis() + " ms";
    }
}
