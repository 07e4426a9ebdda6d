package io.github.pgmanaged.faults.pgbouncer;

import io.github.pgmanaged.faults.programs.Daemon;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Ports;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Program;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.awaitility.Awaitility;

/** A PgBouncer before a server. */
final class PgBouncer implements AutoCloseable {
    enum Mode {
        SESSION,
        TRANSACTION;

        String setting() {
            return "pool_mode = " + name().toLowerCase(Locale.ROOT);
        }
    }

    private final Home home;
    private final Path settings;
    private final int port;
    private Daemon daemon;

    private PgBouncer(Home home, Path settings, int port) {
        this.home = home;
        this.settings = settings;
        this.port = port;
    }

    static PgBouncer start(Home home, PostgresServer server, Mode mode, String... more) throws Exception {
        int port = Ports.free();
        Path users = home.write("users.txt", List.of("\"postgres\" \"\""));
        List<String> lines = new ArrayList<>(List.of(
                "[databases]",
                database(server),
                "[pgbouncer]",
                "listen_addr = 127.0.0.1",
                "listen_port = " + port,
                "unix_socket_dir =",
                "auth_type = trust",
                "auth_file = " + users,
                "admin_users = postgres",
                mode.setting()));
        lines.addAll(List.of(more));
        PgBouncer bouncer = home.closing(new PgBouncer(home, home.write("pgbouncer-" + port + ".ini", lines), port));
        bouncer.start();
        return bouncer;
    }

    /** Starts it again after its end. */
    void start() throws Exception {
        daemon = Daemon.start(
                home.path("pgbouncer-" + port + ".log"),
                Map.of(),
                List.of(Program.PGBOUNCER.path().toString(), settings.toString()));
        Awaitility.await("PgBouncer that listens")
                .pollInterval(Duration.ofMillis(10))
                .ignoreExceptions()
                .until(() -> {
                    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                        return socket.isConnected();
                    }
                });
    }

    /** Ends at once, and all connections with it. */
    void kill() {
        daemon.kill();
    }

    /** Answers nothing any more, until it goes on. */
    void freeze() throws Exception {
        daemon.signal("STOP");
    }

    void goOn() throws Exception {
        daemon.signal("CONT");
    }

    /** Has it serve another server from now on. */
    void pointTo(PostgresServer server) throws Exception {
        List<String> lines = Files.readAllLines(settings);
        lines.replaceAll(line -> line.startsWith("* = ") ? database(server) : line);
        Files.write(settings, lines);
        tell("RELOAD");
    }

    private static String database(PostgresServer server) {
        return "* = host=127.0.0.1 port=" + server.port();
    }

    /** Says something on its console. */
    String tell(String command) throws Exception {
        return Daemon.run(
                home.path("psql-" + command.replace(' ', '-') + ".log"),
                List.of(
                        Program.PSQL.path().toString(),
                        "--no-psqlrc",
                        "--tuples-only",
                        "--no-align",
                        "--dbname=host=127.0.0.1 port=" + port + " user=postgres dbname=pgbouncer",
                        "--command=" + command));
    }

    /** As libpq has it. */
    String conninfo() {
        return "host=127.0.0.1 port=" + port + " user=postgres dbname=postgres";
    }

    /** As pgjdbc has it. */
    String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        if (daemon != null) {
            daemon.close();
        }
    }
}
