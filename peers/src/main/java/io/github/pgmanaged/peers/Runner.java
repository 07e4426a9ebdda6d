package io.github.pgmanaged.peers;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.peers.Matrix.Cell;
import io.github.pgmanaged.testing.EmbeddedServer;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/**
 * Plays scenarios with peers, some at the same time, each in a database of its own; those that need the server for
 * themselves come at the end.
 */
final class Runner implements AutoCloseable {
    /** Most cells wait most of the time. */
    private static final int AT_ONCE = 4;

    /** Scenarios have bounds of their own; this one is for what they do not foresee. */
    private static final Duration TOO_LONG = Duration.ofSeconds(60);

    private final EmbeddedServer server;
    private final BlockingQueue<Lab> labs = new LinkedBlockingQueue<>();
    private final ExecutorService stages = Executors.newFixedThreadPool(AT_ONCE);
    private final Consumer<String> troubles;

    /** Starts a server. */
    Runner(Consumer<String> troubles) throws IOException, SQLException {
        this.troubles = troubles;
        Logs.listen();
        Awaitility.doNotCatchUncaughtExceptionsByDefault(); // those of the pools' own threads
        server = EmbeddedServer.start();
        int port = Integer.parseInt(Objects.requireNonNull(ConnInfo.parse(server.conninfo())
                .resolve(Environment.current())
                .values()
                .get("port")));
        for (int i = 1; i <= AT_ONCE; i++) {
            labs.add(new Lab(port, "lab" + i));
        }
    }

    /** Begins all cells; each observation comes when it comes. */
    Map<Cell, CompletableFuture<Observation>> begin(List<Scenario> scenarios, List<Peer> peers) {
        Map<Cell, CompletableFuture<Observation>> cells = new LinkedHashMap<>();
        for (Cell cell : cells(scenarios, peers, false)) {
            cells.put(cell, CompletableFuture.supplyAsync(() -> play(cell), stages));
        }
        CompletableFuture<?> last = CompletableFuture.allOf(cells.values().toArray(CompletableFuture<?>[]::new));
        for (Cell cell : cells(scenarios, peers, true)) {
            CompletableFuture<Observation> begun = last.thenApplyAsync(ignored -> play(cell), stages);
            cells.put(cell, begun);
            last = begun;
        }
        return cells;
    }

    private static List<Cell> cells(List<Scenario> scenarios, List<Peer> peers, boolean alone) {
        return scenarios.stream()
                .filter(scenario -> scenario.needsServerForItself() == alone)
                .flatMap(scenario -> peers.stream().map(peer -> new Cell(scenario, peer)))
                .toList();
    }

    private Observation play(Cell cell) {
        String name = cell.scenario() + " with " + cell.peer().title();
        try {
            Lab lab = labs.take();
            try (Stage stage = new Stage(cell.peer(), lab)) {
                return play(cell, name, stage);
            } finally {
                labs.add(lab);
            }
        } catch (Exception e) {
            throw new IllegalStateException(name, e);
        }
    }

    private Observation play(Cell cell, String name, Stage stage) throws InterruptedException {
        Attempt<Observation> attempt = Attempt.begin(name, () -> cell.scenario().observe(stage));
        if (!attempt.endsWithin(TOO_LONG)) {
            StringBuilder where = new StringBuilder(name + " does not end:\n");
            for (StackTraceElement each : attempt.thread().getStackTrace()) {
                where.append("  at ").append(each).append('\n');
            }
            troubles.accept(where.toString());
            return Outcome.SOMETHING_ELSE.because("it did not end within a minute");
        }
        Throwable error = attempt.error();
        if (error != null) {
            troubles.accept(name + ":\n" + Said.all(error));
            return Outcome.SOMETHING_ELSE.because(Said.by(error));
        }
        try {
            return attempt.value();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        stages.shutdownNow();
        server.close();
    }
}
