package io.github.pgmanaged.benchmarks.profile;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Counts a process's system calls with {@code strace}, if there is one and it may. */
final class SystemCalls implements AutoCloseable {
    private final Process strace;
    private final Path summary;

    private SystemCalls(Process strace, Path summary) {
        this.strace = strace;
        this.summary = summary;
    }

    /** Begins; null if it cannot. */
    static @Nullable SystemCalls count(long process) throws IOException {
        Path summary = Files.createTempFile("strace", ".txt");
        List<String> command = List.of("strace", "-c", "-f", "-o", summary.toString(), "-p", Long.toString(process));
        try {
            Process strace =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            BufferedReader said = strace.inputReader(StandardCharsets.UTF_8);
            String line = said.readLine();
            if (line != null && line.contains("attached")) {
                return new SystemCalls(strace, summary);
            }
            System.err.println("strace counts nothing: " + line);
            strace.destroy();
        } catch (IOException e) {
            System.err.println("strace counts nothing: " + e.getMessage());
        }
        Files.deleteIfExists(summary);
        return null;
    }

    /** Ends, and says how many of each, the most frequent ones first. */
    Map<String, Long> end() throws IOException, InterruptedException {
        strace.destroy();
        strace.waitFor(10, TimeUnit.SECONDS);
        return read(Files.readAllLines(summary));
    }

    /** Of strace's summary. */
    static Map<String, Long> read(List<String> lines) {
        Map<String, Long> calls = new LinkedHashMap<>();
        // % time, seconds, usecs/call, calls, errors if there are any, name
        lines.stream()
                .map(line -> line.trim().split(" +", -1))
                .filter(words -> words.length >= 5 && words[0].matches("[0-9.]+"))
                .filter(words -> !words[words.length - 1].equals("total"))
                .map(words -> Map.entry(words[words.length - 1], Long.valueOf(words[3])))
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(each -> calls.put(each.getKey(), each.getValue()));
        return calls;
    }

    @Override
    public void close() throws IOException {
        strace.destroy();
        Files.deleteIfExists(summary);
    }
}
