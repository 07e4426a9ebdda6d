package io.github.pgmanaged.benchmarks.contenders;

import io.github.pgmanaged.testing.EmbeddedServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The server that everything is measured on: started here, or by the program that started this JVM. */
public final class BenchServer implements AutoCloseable {
    private static final String SOCKETS = "pgmanaged.bench.sockets";
    private static final String PORT = "pgmanaged.bench.port";

    private final @Nullable EmbeddedServer own;
    private final Place socket;

    private BenchServer(@Nullable EmbeddedServer own, Place socket) {
        this.own = own;
        this.socket = socket;
    }

    /**
     * The running server, or else a new one.
     *
     * @return a server with the tables of the benchmarks
     */
    public static BenchServer find() throws IOException, SQLException {
        String sockets = System.getProperty(SOCKETS);
        if (sockets != null) {
            return new BenchServer(null, new Place(sockets, Integer.getInteger(PORT)));
        }
        EmbeddedServer own = EmbeddedServer.start();
        try (Connection connection = DriverManager.getConnection("jdbc:libpq:" + own.conninfo())) {
            return new BenchServer(
                    own,
                    new Place(
                            ask(connection, "SHOW unix_socket_directories")
                                    .split(",", -1)[0]
                                    .trim(),
                            Integer.parseInt(ask(connection, "SHOW port"))));
        }
    }

    /**
     * What a JVM has to be told to find this server.
     *
     * @return arguments for java
     */
    public String[] arguments() {
        return new String[] {"-D" + SOCKETS + "=" + socket.host(), "-D" + PORT + "=" + socket.port()};
    }

    /**
     * Over its Unix-domain socket.
     *
     * @return the place
     */
    public Place socket() {
        return socket;
    }

    /**
     * Over TCP, on the loopback address.
     *
     * @return the place
     */
    public Place tcp() {
        return new Place("127.0.0.1", socket.port());
    }

    /**
     * Asks it.
     *
     * @param sql a query
     * @return the first column of the first row
     */
    public String ask(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(socket.url())) {
            return ask(connection, sql);
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return Objects.requireNonNull(row.getString(1));
        }
    }

    @Override
    public void close() throws IOException {
        if (own != null) {
            own.close();
        }
    }
}
