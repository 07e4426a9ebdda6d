package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.faults.programs.Daemon;
import io.github.pgmanaged.faults.programs.Sql;
import io.github.pgmanaged.testing.EmbeddedServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The server of a run: the embedded one, which can be paused, and be stopped and started again on its port. */
final class Server implements AutoCloseable {
    private final EmbeddedServer embedded;
    private final Path data;
    private final Path programs;
    private final int port;

    private Server(EmbeddedServer embedded) throws SQLException {
        this.embedded = embedded;
        try (Connection connection = new LibpqDataSource(embedded.conninfo()).getConnection()) {
            data = Path.of(Sql.ask(connection, "SHOW data_directory"));
            programs = Path.of(Sql.ask(connection, "SELECT setting FROM pg_config WHERE name = 'BINDIR'"));
            port = Integer.parseInt(Sql.ask(connection, "SELECT inet_server_port()"));
            // The embedded server does without, and would forget commits that it has acknowledged when it crashes.
            Sql.execute(connection, "ALTER DATABASE postgres SET synchronous_commit = on");
        }
    }

    static Server start() throws IOException, SQLException {
        EmbeddedServer embedded = EmbeddedServer.start();
        try {
            return new Server(embedded);
        } catch (SQLException | RuntimeException e) {
            embedded.close();
            throw e;
        }
    }

    int port() {
        return port;
    }

    /** Past everything under test. */
    Connection connect() throws SQLException {
        return source("witness").getConnection();
    }

    /** The same, under another name. */
    LibpqDataSource source(String application) {
        return new LibpqDataSource("host=127.0.0.1 port=" + port + " user=postgres dbname=postgres sslmode=disable"
                + " connect_timeout=10 application_name=" + application);
    }

    /** Immediate shutdown, as in a crash, and start. */
    void restart() throws IOException, InterruptedException {
        Path log = data.resolveSibling(data.getFileName() + ".restart.log");
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            command.addAll(List.of("unshare", "-U")); // as the embedded server does
        }
        command.addAll(List.of(programs.resolve("pg_ctl").toString(), "restart", "-D", data.toString()));
        command.addAll(List.of("-m", "immediate", "-w", "-t", "60", "-l", log.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(90, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("The server does not start:\n" + Files.readString(log));
        }
    }

    /**
     * SIGKILL for one process of the server: all others end, too, and it recovers as from a crash.
     *
     * @return false if the process has ended by itself meanwhile
     */
    boolean killBackend(int pid) throws IOException, InterruptedException {
        try {
            Daemon.signal("KILL", pid);
            return true;
        } catch (IOException e) {
            if (ProcessHandle.of(pid).isPresent()) {
                throw e;
            }
            return false;
        }
    }

    /** Holds the server and all its backends. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        long postmaster = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid"), StandardCharsets.UTF_8)
                .get(0));
        Daemon.signal(name, postmaster); // it first, so that it gets no more children
        for (ProcessHandle child :
                ProcessHandle.of(postmaster).orElseThrow().children().toList()) {
            try {
                Daemon.signal(name, child.pid());
            } catch (IOException e) {
                if (child.isAlive()) {
                    throw e;
                }
            }
        }
    }

    /** Waits until it gives sessions. */
    void awaitReady() {
        Awaitility.await("a server that is ready")
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    try (Connection connection = connect()) {
                        return Sql.ask(connection, "SELECT 1").equals("1");
                    }
                });
    }

    @Override
    public void close() throws IOException {
        embedded.close();
    }
}
