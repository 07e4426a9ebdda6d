package io.github.pgmanaged.faults.programs;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.awaitility.Awaitility;

/** A PostgreSQL server that can be killed and started again on its port. */
public final class PostgresServer implements AutoCloseable {
    /** Linux has it: whoever writes to it is told that there is no space left. */
    public static final Path FULL_DEVICE = Path.of("/dev/full");

    private static final String READY = "ready";

    private final Function<Program, Path> programs;
    private final Path data;
    private final Path log;
    private final int port;
    private Daemon postmaster;

    private PostgresServer(Function<Program, Path> programs, Path data, Path log) {
        this.programs = programs;
        this.data = data;
        this.log = log;
        this.port = Ports.free();
    }

    /** Makes and starts a primary. It does without fsync: nothing here survives the machine. */
    public static PostgresServer start(Home home, String name, String... settings) throws Exception {
        return start(Program::path, home, name, settings);
    }

    /** Makes and starts a server of the version that comes as a dependency, so that nothing has to be installed. */
    public static PostgresServer embedded(Home home, String name, String... settings) throws Exception {
        Path bin = EmbeddedArchive.bin();
        return start(program -> program.in(bin), home, name, settings);
    }

    private static PostgresServer start(Function<Program, Path> programs, Home home, String name, String... settings)
            throws Exception {
        PostgresServer server = home.closing(new PostgresServer(programs, home.path(name), home.path(name + ".log")));
        Daemon.run(
                home.path(name + "-initdb.log"),
                List.of(
                        programs.apply(Program.INITDB).toString(),
                        "--pgdata=" + server.data,
                        "--username=postgres",
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync"));
        List<String> lines = new ArrayList<>(List.of(
                "listen_addresses = '127.0.0.1'",
                "unix_socket_directories = ''",
                "fsync = off",
                // For pg_rewind.
                "wal_log_hints = on",
                "wal_keep_size = 64MB",
                "max_connections = 50"));
        lines.addAll(List.of(settings));
        Files.write(server.data.resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
        server.start();
        return server;
    }

    /** Makes and starts a hot standby that streams from a primary. */
    public static PostgresServer standbyOf(PostgresServer primary, Home home, String name) throws Exception {
        PostgresServer server =
                home.closing(new PostgresServer(primary.programs, home.path(name), home.path(name + ".log")));
        Daemon.run(
                home.path(name + "-basebackup.log"),
                List.of(
                        primary.programs.apply(Program.PG_BASEBACKUP).toString(),
                        "--dbname=" + primary.conninfo(),
                        "--pgdata=" + server.data,
                        "--checkpoint=fast",
                        "--write-recovery-conf",
                        "--no-sync"));
        server.start();
        return server;
    }

    /** The same, out of a copy of the files of a primary that was shut down for it. */
    public static PostgresServer coldStandbyOf(PostgresServer primary, Home home, String name) throws Exception {
        PostgresServer server =
                home.closing(new PostgresServer(primary.programs, home.path(name), home.path(name + ".log")));
        primary.postmaster.signal("INT");
        primary.postmaster.awaitExit();
        Daemon.run(
                home.path(name + "-copy.log"), List.of("cp", "-Rp", primary.data.toString(), server.data.toString()));
        Files.writeString(
                server.data.resolve("postgresql.auto.conf"), "primary_conninfo = '" + primary.conninfo() + "'\n");
        Files.createFile(server.data.resolve("standby.signal"));
        primary.start();
        server.start();
        return server;
    }

    /** Starts it again after its end. */
    public void start() throws Exception {
        Path state = data.resolve("postmaster.pid");
        Files.deleteIfExists(state);
        postmaster = Daemon.start(
                log,
                Map.of(),
                List.of(
                        programs.apply(Program.POSTGRES).toString(),
                        "-D",
                        data.toString(),
                        "-p",
                        Integer.toString(port)));
        Awaitility.await("a server that is ready:\n" + log)
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    if (!postmaster.isAlive()) {
                        throw new IOException("The server ended:\n" + postmaster.log());
                    }
                    return Files.exists(state)
                            && Files.readAllLines(state).stream()
                                    .anyMatch(line -> line.trim().equals(READY));
                });
    }

    /** Makes a standby of another server out of this one, which was killed; what only this one has is lost. */
    public void rewindTo(PostgresServer primary) throws Exception {
        Daemon.run(
                log.resolveSibling(data.getFileName() + "-rewind.log"),
                List.of(
                        programs.apply(Program.PG_REWIND).toString(),
                        "--target-pgdata=" + data,
                        "--source-server=" + primary.conninfo(),
                        "--write-recovery-conf",
                        "--no-sync"));
    }

    /** Kills all its processes, as when the machine dies. */
    public void kill() {
        postmaster.kill();
    }

    /** Stops the postmaster: nobody new gets in; whoever is in has a process of their own, which goes on. */
    public void freeze() throws Exception {
        postmaster.signal("STOP");
    }

    public void goOn() throws Exception {
        postmaster.signal("CONT");
    }

    /** An immediate shutdown: the server tells its clients, and goes without a checkpoint. */
    public void stopImmediately() throws Exception {
        postmaster.signal("QUIT");
        postmaster.awaitExit();
    }

    /** The next page that a table needs finds the disk full; the table is emptied before. It must not be locked. */
    public void fillDisk(String table) throws Exception {
        execute("TRUNCATE " + table);
        Path file = data.resolve(ask("SELECT pg_relation_filepath('" + table + "')"));
        Files.delete(file);
        Files.createSymbolicLink(file, FULL_DEVICE);
    }

    /** The table can grow again. */
    public void freeDisk(String table) throws SQLException {
        execute("TRUNCATE " + table); // which gives it another file
    }

    /** Waits until a server has ended all sessions because of one that was killed; who comes earlier is let in. */
    public static void awaitCrash(Connection other) {
        Awaitility.await("a server that begins anew")
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !other.isValid(5));
    }

    /** Waits until it lets somebody in, as after the end of a backend that took all others with it. */
    public void awaitReady() {
        Awaitility.await("a server that lets somebody in")
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> ask("SELECT 1"), "1"::equals);
    }

    /** Makes a primary of a standby; returns when it is one. */
    public void promote() throws SQLException {
        if (!ask("SELECT pg_promote(true, 60)").equals("t")) {
            throw new SQLException("The standby was not promoted.");
        }
    }

    public int port() {
        return port;
    }

    /** A connection string for its superuser. */
    public String conninfo() {
        return "host=127.0.0.1 port=" + port + " user=postgres dbname=postgres sslmode=disable";
    }

    /** A connection string for whichever of two is writable. */
    public static String writableOf(PostgresServer first, PostgresServer second) {
        return "host=127.0.0.1,127.0.0.1 port=" + first.port + ',' + second.port
                + " user=postgres dbname=postgres sslmode=disable target_session_attrs=read-write connect_timeout=5";
    }

    public Connection connect() throws SQLException {
        return new LibpqDataSource(conninfo()).getConnection();
    }

    public String ask(String question) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(question)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    public void execute(String... commands) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String command : commands) {
                statement.execute(command);
            }
        }
    }

    /**
     * Whether its transactions begin as read-only ones, as an operator fences a server off. The postmaster tells its
     * processes before it starts the next one: when that one knows, all have been told.
     */
    public void readOnlyByDefault(boolean readOnly) throws SQLException {
        String value = readOnly ? "on" : "off";
        execute("ALTER SYSTEM SET default_transaction_read_only = " + value, "SELECT pg_reload_conf()");
        Awaitility.await("a server that has read its new settings")
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> ask("SHOW default_transaction_read_only"), value::equals);
    }

    @Override
    public void close() {
        if (postmaster != null) {
            postmaster.close();
        }
    }
}
