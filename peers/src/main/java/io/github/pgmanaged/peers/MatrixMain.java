package io.github.pgmanaged.peers;

import io.github.pgmanaged.peers.Matrix.Cell;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Plays every scenario with every peer, prints the table, and writes the page and the picture to a directory.
 * Arguments: the directory; where a part goes; {@code colour} for a terminal; to look at a part only, {@code scenario=}
 * or {@code peer=} with a part of a name.
 */
public final class MatrixMain {
    private MatrixMain() {}

    /**
     * Runs it.
     *
     * @param args the directories, and what is looked at
     */
    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT); // the page is the same everywhere
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(Logs.searching("standard output")); // some pools talk there
        System.setErr(Logs.searching("standard error"));
        try {
            Matrix matrix = play(args, err::println);
            boolean whole = matrix.scenarios().equals(Scenarios.all())
                    && matrix.peers().size() == Peers.all().size();
            Path directory = Path.of(args[whole ? 0 : 1]); // the page that is kept is always a whole one
            Files.writeString(directory.resolve("guarantee-matrix.md"), Page.of(matrix));
            Files.writeString(directory.resolve("guarantee-matrix.svg"), Picture.of(matrix));
            out.println(Screen.of(matrix, Arrays.asList(args).contains("colour")));
            out.println("The evidence is in " + directory.resolve("guarantee-matrix.md"));
            System.exit(0); // some pools leave threads behind
        } catch (Exception e) {
            e.printStackTrace(err);
            System.exit(1);
        }
    }

    private static Matrix play(String[] args, Consumer<String> reader) throws IOException, SQLException {
        List<Scenario> scenarios = Scenarios.all().stream()
                .filter(scenario -> wanted(args, "scenario=", scenario.toString()))
                .toList();
        List<Peer> peers = Peers.all().stream()
                .filter(peer -> wanted(args, "peer=", peer.title()))
                .toList();
        Map<Cell, Observation> cells = new HashMap<>();
        try (Runner runner = new Runner(reader)) {
            Map<Cell, CompletableFuture<Observation>> begun = runner.begin(scenarios, peers);
            for (Scenario scenario : scenarios) {
                for (Peer peer : peers) {
                    Cell cell = new Cell(scenario, peer);
                    cells.put(cell, Objects.requireNonNull(begun.get(cell)).join());
                }
                reader.accept(cells.size() + " of " + begun.size() + " cells: " + scenario);
            }
        }
        return new Matrix(scenarios, peers, cells);
    }

    private static boolean wanted(String[] args, String key, String name) {
        for (String arg : args) {
            if (arg.startsWith(key) && !name.contains(arg.substring(key.length()))) {
                return false;
            }
        }
        return true;
    }
}
