package io.github.pgmanaged.conninfo;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A server of the tests' own, on a free port of the loopback address and on Unix-domain sockets in its own directory.
 */
public final class RealServer implements AutoCloseable {
    /** Everybody is who they say they are. */
    public static final List<String> TRUST = List.of(
            "local all all trust",
            "host all all 127.0.0.1/32 trust",
            "host all all ::1/128 trust",
            "host replication all 127.0.0.1/32 trust");

    private final EmbeddedPostgres postgres;
    private final Path sockets;

    private RealServer(EmbeddedPostgres postgres, Path sockets) {
        this.postgres = postgres;
        this.sockets = sockets;
    }

    public static RealServer start() throws IOException {
        return start(TRUST, Map.of());
    }

    /**
     * Starts a server.
     *
     * @param access the lines of pg_hba.conf; the superuser postgres must get in over TCP without a password
     * @param settings goes before this class's own; {sockets} stands for the directory of the sockets
     */
    public static RealServer start(List<String> access, Map<String, String> settings) throws IOException {
        return start(access, settings, Files.createTempDirectory("pgmanaged-data"), true);
    }

    /** Starts a server on a data directory that there is already, and leaves the directory when it stops. */
    public static RealServer startOn(Path dataDirectory, Map<String, String> settings) throws IOException {
        return start(TRUST, settings, dataDirectory, false);
    }

    private static RealServer start(List<String> access, Map<String, String> settings, Path data, boolean fresh)
            throws IOException {
        Path sockets = Files.createTempDirectory("pgmanaged-sockets");
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setPGStartupWait(Duration.ofMinutes(1))
                .setServerConfig("max_connections", "50")
                .setServerConfig("unix_socket_directories", sockets.toString())
                .setDataDirectory(data)
                .setCleanDataDirectory(fresh)
                .setDataDirectoryCustomizer(
                        directory -> Directories.write(directory.toPath().resolve("pg_hba.conf"), access));
        settings.forEach(
                (name, value) -> builder.setServerConfig(name, value.replace("{sockets}", sockets.toString())));
        return new RealServer(builder.start(), sockets);
    }

    public int port() {
        return postgres.getPort();
    }

    /** The directory of the Unix-domain sockets. */
    public Path sockets() {
        return sockets;
    }

    /** Where it is, without a user. */
    public String tcp() {
        return "host=127.0.0.1 port=" + port() + " dbname=postgres";
    }

    /** Where it is, without a user. */
    public String socket() {
        return "host=" + sockets + " port=" + port() + " dbname=postgres";
    }

    /** Runs statements as the superuser, through pgjdbc alone. */
    public void run(String... statements) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Asks as the superuser, through pgjdbc alone. */
    public String ask(String question) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection()) {
            return Ask.one(connection, question);
        }
    }

    @Override
    public void close() throws IOException {
        postgres.close();
        Directories.delete(sockets);
    }
}
