package io.github.pgmanaged.benchmarks.rounds;

import io.github.pgmanaged.benchmarks.contenders.BenchServer;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the server's processes take, as Linux tells. Elsewhere all figures are below zero. Thread safety: safe. */
final class ServerProcesses {
    private static final Path PROC = Path.of("/proc");
    /** The kernel's unit in {@code stat}, which is a hundredth of a second everywhere. */
    private static final long TICK = 10_000_000;

    private static final int PARENT = 1;
    private static final int CHILDREN_USER = 13;
    private static final int CHILDREN_SYSTEM = 14;

    /** The server's first process; 0 if unknown. */
    private final long first;

    private ServerProcesses(long first) {
        this.first = first;
    }

    /** Of this server. Its checkpointer is asked for, since a backend may end before it is looked at. */
    static ServerProcesses of(BenchServer server) throws SQLException {
        String child = server.ask("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
        String[] stat = stat(PROC.resolve(child));
        return new ServerProcesses(stat == null ? 0 : Long.parseLong(stat[PARENT]));
    }

    /** The CPU time of all processes, those that have ended included, in nanoseconds. */
    long cpuNanos() {
        long ended = endedNanos();
        while (true) {
            long living = 0;
            for (Path process : processes()) {
                String[] times = words(process.resolve("schedstat"));
                living += times == null ? 0 : Long.parseLong(times[0]);
            }
            long endedMeanwhile = endedNanos();
            if (endedMeanwhile == ended) { // else one may be missing, or count twice
                return ended < 0 ? -1 : ended + living;
            }
            ended = endedMeanwhile;
        }
    }

    private long endedNanos() {
        String[] stat = stat(PROC.resolve(Long.toString(first)));
        return stat == null ? -1 : (Long.parseLong(stat[CHILDREN_USER]) + Long.parseLong(stat[CHILDREN_SYSTEM])) * TICK;
    }

    /** The memory of all processes; of what several share, each is given a part. */
    long bytes() {
        long kilobytes = 0;
        for (Path process : processes()) {
            try {
                for (String line : Files.readAllLines(process.resolve("smaps_rollup"))) {
                    if (line.startsWith("Pss:")) {
                        kilobytes += Long.parseLong(line.replaceAll("\\D", ""));
                    }
                }
            } catch (IOException e) {
                continue; // it has just ended, or it is somebody else's
            }
        }
        return kilobytes == 0 ? -1 : kilobytes * 1024;
    }

    private List<Path> processes() {
        List<Path> found = new ArrayList<>();
        if (first == 0) {
            return found;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path each : all) {
                String[] stat = stat(each);
                boolean isFirst = each.endsWith(Long.toString(first));
                if (isFirst || (stat != null && Long.parseLong(stat[PARENT]) == first)) {
                    found.add(each);
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        return found;
    }

    /** The words after the process's name, which may have blanks in it. */
    private static String @Nullable [] stat(Path process) {
        try {
            String text = Files.readString(process.resolve("stat"));
            return text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
        } catch (IOException e) {
            return null;
        }
    }

    private static String @Nullable [] words(Path file) {
        try {
            return Files.readString(file).split(" ", -1);
        } catch (IOException e) {
            return null;
        }
    }
}
