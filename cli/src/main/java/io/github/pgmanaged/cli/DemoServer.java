package io.github.pgmanaged.cli;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.testing.EmbeddedServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The server that the demo or stress works on: the user's, or an embedded one that is stopped at the end. */
final class DemoServer implements AutoCloseable {
    private static final List<String> VARIABLES = List.of("PGHOST", "PGPORT", "PGSERVICE", "PGDATABASE", "PGUSER");

    private final String conninfo;
    private final @Nullable EmbeddedServer embedded;

    private DemoServer(String conninfo, @Nullable EmbeddedServer embedded) {
        this.conninfo = conninfo;
        this.embedded = embedded;
    }

    /** The given server, else the environment's, else an embedded one. */
    static DemoServer choose(@Nullable String conninfo, Map<String, String> environment, PrintWriter err)
            throws IOException {
        if (conninfo != null) {
            return new DemoServer(conninfo, null);
        }
        if (VARIABLES.stream().anyMatch(environment::containsKey)) {
            return new DemoServer("postgres://", null);
        }
        err.println("No server named; starting an embedded PostgreSQL.");
        err.flush();
        EmbeddedServer started = EmbeddedServer.start();
        return new DemoServer(started.conninfo(), started);
    }

    /** The given server, else libpq's. */
    static DemoServer own(@Nullable String conninfo) {
        return new DemoServer(conninfo == null ? "postgres://" : conninfo, null);
    }

    String conninfo() {
        return conninfo;
    }

    /** Plain connections to it, without a manager. */
    DataSource plain() {
        return new LibpqDataSource(conninfo);
    }

    boolean isEmbedded() {
        return embedded != null;
    }

    /** Where it is, without secrets. */
    @Override
    public String toString() {
        return ConnInfo.parse(conninfo).toString();
    }

    @Override
    public void close() throws IOException {
        if (embedded != null) {
            embedded.close();
        }
    }
}
