package io.github.pgmanaged.benchmarks.profile;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What the threads of a process have taken, as Linux tells.
 *
 * @param tasks by thread, of those that lived then
 */
record ProcessMeter(Map<Path, Taken> tasks) {
    /**
     * What a thread, or several, took.
     *
     * @param cpuNanos CPU time
     * @param switches how often a processor was given up, to wait
     * @param preempted how often it was taken
     */
    record Taken(long cpuNanos, long switches, long preempted) {
        private Taken plus(Taken other, long sign) {
            return new Taken(
                    cpuNanos + sign * other.cpuNanos,
                    switches + sign * other.switches,
                    preempted + sign * other.preempted);
        }
    }

    private static final Taken NOTHING = new Taken(0, 0, 0);

    /** Elsewhere than on Linux it fails. */
    static ProcessMeter read(long process) throws IOException {
        Map<Path, Taken> tasks = new HashMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc", Long.toString(process), "task"))) {
            for (Path task : all) {
                try {
                    tasks.put(task, taken(task));
                } catch (IOException e) {
                    continue; // it has just ended
                }
            }
        }
        return new ProcessMeter(tasks);
    }

    /** By the threads that live now; what one took that has ended since then is not known. */
    Taken since(ProcessMeter before) {
        Taken sum = NOTHING;
        for (Map.Entry<Path, Taken> task : tasks.entrySet()) {
            sum = sum.plus(task.getValue(), 1).plus(before.tasks.getOrDefault(task.getKey(), NOTHING), -1);
        }
        return sum;
    }

    private static Taken taken(Path task) throws IOException {
        long switches = 0;
        long preempted = 0;
        for (String line : Files.readAllLines(task.resolve("status"))) {
            if (line.startsWith("voluntary_ctxt_switches:")) {
                switches = number(line);
            } else if (line.startsWith("nonvoluntary_ctxt_switches:")) {
                preempted = number(line);
            }
        }
        long cpu = Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", -1)[0]);
        return new Taken(cpu, switches, preempted);
    }

    private static long number(String line) {
        return Long.parseLong(line.replaceAll("\\D", ""));
    }
}
