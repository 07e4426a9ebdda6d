package io.github.pgmanaged.faults;

import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each fault in each phase: it ends in time, what is said of it is true, and the next one gets in. The table of what
 * was told and how long it took is written to {@code target/faults.md}, or with {@code -Dpgmanaged.write.docs=true} to
 * the project's {@code docs}.
 */
class FaultsTest {
    /** For a busy machine. */
    private static final Duration SLACK = Duration.ofMillis(2_500);

    private static final Map<Phase, Map<Fault, String>> TABLE = new ConcurrentHashMap<>();
    private static Home home;
    private static PostgresServer server;
    private static long cells;

    @BeforeAll
    static void startAServer() throws Exception {
        home = Home.make();
        server = PostgresServer.embedded(home, "server", "max_connections = 12");
        Cell.prepare(server);
    }

    @AfterAll
    static void stopItAndWriteThePage() throws Exception {
        home.close();
        writePage(Path.of(Boolean.getBoolean("pgmanaged.write.docs") ? "../docs" : "target", "faults.md"));
    }

    static Stream<Arguments> cells() {
        return Arrays.stream(Fault.values())
                .flatMap(fault -> Arrays.stream(Phase.values()).map(phase -> Arguments.of(fault, phase)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cells")
    void it_ends_in_time_and_is_told_as_it_is_and_the_next_one_gets_in(Fault fault, Phase phase) throws Exception {
        try (Cell cell = new Cell(server, ++cells)) {
            Phase.Act act = phase.prepare(cell);
            fault.inject(cell);
            try {
                long begun = System.nanoTime();
                String told = cell.act(act, bound(phase));
                long millis = Duration.ofNanos(System.nanoTime() - begun).toMillis();
                TABLE.computeIfAbsent(phase, p -> new ConcurrentHashMap<>()).put(fault, told + ", " + millis + " ms");
            } finally {
                fault.heal(cell);
                cell.proxy().heal();
                Awaitility.await("the server")
                        .atMost(Duration.ofMinutes(1))
                        .ignoreExceptions()
                        .until(() -> server.ask("SELECT 1").equals("1"));
            }
            if (phase != Phase.CLOSING) {
                cell.nextOneGetsIn();
            }
            cell.balance();
        }
    }

    /** By the options: what each phase can have to wait for, one after the other. */
    private static Duration bound(Phase phase) {
        return switch (phase) {
            case WAITING, OPENING, VALIDATING ->
                Cell.ACQUIRE_TIMEOUT
                        .plus(Cell.MAX_LEASE)
                        .plus(Cell.RELEASE_TIMEOUT)
                        .plus(SLACK);
            case FIRST_STATEMENT, IN_RESULT_SET, BEFORE_COMMIT, DURING_COMMIT ->
                Cell.MAX_LEASE.plus(Cell.RELEASE_TIMEOUT).plus(SLACK);
            case ROLLBACK_AT_RELEASE, RESTORE_AT_RELEASE, CLOSING -> Cell.RELEASE_TIMEOUT.plus(SLACK);
        };
    }

    private static void writePage(Path page) throws IOException {
        List<String> lines = new ArrayList<>(List.of(
                "# What is told, and after how long",
                "",
                "Each fault in each phase, as `FaultsTest` has run it on a real server of the embedded PostgreSQL, with"
                        + " `acquireTimeout` 3 s, `releaseTimeout` 1 s, `maxLease` 2 s, `connect_timeout` 2 s and"
                        + " `validateAfterIdle` 0. A cell says what the caller was told (the exception and its SQLState, or"
                        + " *done*) and after how long. The fault stays until then. After each cell the next lease worked,"
                        + " and what was said was compared with what was in the database.",
                "",
                "*Closing* closes the manager while a lease with an open transaction is out, which has `releaseTimeout`"
                        + " to end.",
                "",
                "| fault | " + Arrays.stream(Phase.values()).map(Phase::words).collect(Collectors.joining(" | "))
                        + " |",
                "|---|" + "---|".repeat(Phase.values().length)));
        for (Fault fault : Fault.values()) {
            lines.add("| " + fault.words() + " | "
                    + Arrays.stream(Phase.values())
                            .map(phase -> TABLE.getOrDefault(phase, Map.of()).getOrDefault(fault, "not run"))
                            .collect(Collectors.joining(" | "))
                    + " |");
        }
        Files.createDirectories(page.getParent());
        Files.write(page, lines);
    }
}
