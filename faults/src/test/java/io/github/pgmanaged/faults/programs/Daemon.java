package io.github.pgmanaged.faults.programs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A program that runs beside the tests until it is closed; on Linux it does not outlive a JVM that is killed, either.
 */
public final class Daemon implements AutoCloseable {
    /** Linux counts the thread that started a process as its parent; this one lives as long as the JVM. */
    private static final ExecutorService PARENT = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "parent of daemons");
        thread.setDaemon(true);
        return thread;
    });

    private final Process process;
    private final Path log;

    private Daemon(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a program; what it says goes to a log. */
    public static Daemon start(Path log, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        if (Files.notExists(log)) {
            Files.createFile(log);
            Unprivileged.own(log);
        }
        ProcessBuilder builder = new ProcessBuilder(Unprivileged.command(command))
                .directory(log.getParent().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().putAll(environment);
        try {
            return new Daemon(PARENT.submit(builder::start).get(), log);
        } catch (ExecutionException e) {
            throw new IOException("Could not start " + command, e.getCause());
        }
    }

    /** Runs a program to its end. */
    public static String run(Path log, List<String> command) throws IOException, InterruptedException {
        Files.deleteIfExists(log);
        try (Daemon daemon = start(log, Map.of(), command)) {
            if (!daemon.process.waitFor(1, TimeUnit.MINUTES)) {
                throw new IOException(command + " does not end:\n" + daemon.log());
            }
            if (daemon.process.exitValue() != 0) {
                throw new IOException(command + " ended with " + daemon.process.exitValue() + ":\n" + daemon.log());
            }
            return daemon.log();
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Sends it a signal, and not to its children. */
    public void signal(String name) throws IOException, InterruptedException {
        signal(name, process.pid());
    }

    /** Sends a signal to a process that one of ours started. */
    public static void signal(String name, long pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                .redirectErrorStream(true)
                .start();
        String said = new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (kill.waitFor() != 0) {
            throw new IOException(said);
        }
    }

    /** SIGKILL, to it first and then to its children, as when a machine dies. */
    public void kill() {
        kill(process.toHandle());
    }

    /** The same for a process that one of ours started. */
    public static void kill(ProcessHandle handle) {
        try (Stream<ProcessHandle> descendants = handle.descendants()) {
            List<ProcessHandle> all =
                    Stream.concat(Stream.of(handle), descendants).toList();
            all.forEach(ProcessHandle::destroyForcibly);
            // Some have lost their parent, so that nobody here is told of their end.
            Awaitility.await("the end of " + all)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> all.stream().noneMatch(Daemon::runs));
        }
    }

    /** A process that has ended may still be listed, as a zombie, until somebody asks how it ended. */
    private static boolean runs(ProcessHandle handle) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(handle.pid()), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return handle.isAlive();
        }
    }

    public void awaitExit() throws InterruptedException {
        process.waitFor();
    }

    /** What it has said. */
    public String log() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() {
        kill();
    }
}
