package io.github.pgmanaged.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;

/**
 * A PostgreSQL server of one's own on a free port of the loopback address, gone when closed or when the JVM ends.
 *
 * <p>Thread safety: safe.
 */
public final class EmbeddedServer implements AutoCloseable {
    private final EmbeddedPostgres postgres;

    private EmbeddedServer(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    /**
     * Starts a server with an empty cluster.
     *
     * @return the running server
     * @throws IOException if it does not start within a minute
     */
    public static EmbeddedServer start() throws IOException {
        return new EmbeddedServer(EmbeddedPostgres.builder()
                .setPGStartupWait(Duration.ofMinutes(1))
                .setServerConfig("max_connections", "100")
                .setServerConfig("max_prepared_transactions", "10")
                .start());
    }

    /**
     * Where it listens.
     *
     * @return a connection URI for its superuser
     */
    public String conninfo() {
        return "postgres://postgres@localhost:" + postgres.getPort() + "/postgres";
    }

    @Override
    public void close() throws IOException {
        postgres.close();
    }
}
