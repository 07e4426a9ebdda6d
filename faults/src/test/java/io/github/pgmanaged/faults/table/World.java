package io.github.pgmanaged.faults.table;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.faults.programs.Daemon;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.proxy.FaultProxy;
import io.github.pgmanaged.testing.TestCertificate;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;

/** The server that all cells of a transport share, and what is done to it beside the managers' sessions. */
final class World implements AutoCloseable {
    /** Whose sessions are the managers'. */
    static final String USER = "app";

    /** A table that is written to by each COMMIT, and that needs no lock before. */
    static final String BALLAST = "ballast";

    /** A table that a COPY goes to, which keeps nothing of it. */
    static final String COPIED = "copied";

    /** {@code too_many_connections}. */
    private static final String FULL = "53300";

    /** An action that ends a fault. */
    interface Ending {
        void run() throws Exception;
    }

    private final Home home = Home.make();
    private final TestCertificate certificate;
    private final PostgresServer server;
    private final Deque<Connection> fillers = new ArrayDeque<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ends faults");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicReference<Ending> ending = new AtomicReference<>();
    private volatile Future<?> scheduled;

    World(Transport transport) throws Exception {
        certificate = transport == Transport.TLS ? TestCertificate.make(home.path("")) : null;
        server = PostgresServer.embedded(
                home, "server", "max_connections = 12", "superuser_reserved_connections = 6", "max_wal_senders = 0");
        server.execute(
                "CREATE ROLE " + USER + " LOGIN",
                "CREATE ROLE filler LOGIN",
                "CREATE TABLE operation (id bigint, linger float8)",
                "CREATE TABLE " + BALLAST + " (a int)",
                "CREATE TABLE " + COPIED + " (a text)",
                "GRANT ALL ON operation, " + BALLAST + ", " + COPIED + " TO " + USER,
                "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN PERFORM pg_sleep(NEW.linger); INSERT INTO " + BALLAST
                        + " VALUES (1); RETURN NULL; END $$",
                "CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON operation DEFERRABLE INITIALLY DEFERRED"
                        + " FOR EACH ROW EXECUTE FUNCTION linger()");
        // The first handshake of a JVM, and its first megabytes over TLS, may take longer than a cell gives them.
        try (FaultProxy proxy = proxy();
                Connection connection = new LibpqDataSource(proxy.conninfo(USER, "postgres")).getConnection()) {
            Copying.into(connection, 0);
        }
        awaitSessions("before the first cell", 0);
    }

    PostgresServer server() {
        return server;
    }

    /** A way to the server, by this transport. */
    FaultProxy proxy() throws IOException {
        return new FaultProxy(server.port(), certificate);
    }

    /** Ends a fault when the cell is over. */
    void atTheEnd(Ending end) {
        ending.set(end);
    }

    /** Ends a fault later. */
    void later(Duration delay, Ending end) {
        ending.set(end);
        Callable<Boolean> task = () -> {
            if (ending.compareAndSet(end, null)) {
                end.run();
            }
            return true;
        };
        scheduled = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Has what was to end later end now, unless it has. */
    void endNow() throws Exception {
        Ending end = ending.getAndSet(null);
        Future<?> begun = scheduled;
        scheduled = null;
        if (end != null) {
            end.run();
        } else if (begun != null) {
            begun.get(1, TimeUnit.MINUTES); // it may be at it, or have failed
        }
    }

    /**
     * Does nothing for a third longer than a timeout of the server's, or until the server has ended a process of its
     * own.
     */
    void dawdle(int backend, Duration timeout) {
        long until = System.nanoTime() + timeout.toNanos() * 4 / 3;
        Awaitility.await("a backend that ends, or time that passes")
                .pollInterval(Duration.ofMillis(20))
                .until(() -> System.nanoTime() - until > 0
                        || server.ask("SELECT count(*) FROM pg_stat_activity WHERE pid = " + backend)
                                .equals("0"));
    }

    /** Kills a process of the server, and waits until the postmaster has ended the others because of it. */
    void kill(int backend) throws Exception {
        try (Connection other = server.connect()) {
            Daemon.signal("KILL", backend);
            PostgresServer.awaitCrash(other);
        }
    }

    /** Takes all connections that an ordinary user may have. */
    void fill() throws SQLException {
        LibpqDataSource source = new LibpqDataSource(
                "host=127.0.0.1 port=" + server.port() + " user=filler dbname=postgres sslmode=disable");
        while (true) {
            try {
                fillers.push(source.getConnection());
            } catch (SQLException e) {
                if (FULL.equals(e.getSQLState())) {
                    return;
                }
                throw e;
            }
        }
    }

    void empty() throws SQLException {
        while (!fillers.isEmpty()) {
            fillers.pop().close();
        }
    }

    void awaitSessions(String which, int atMost) {
        Awaitility.await("sessions " + which)
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> sessions() <= atMost);
    }

    /** How many the managers have. */
    int sessions() throws SQLException {
        return Integer.parseInt(server.ask("SELECT count(*) FROM pg_stat_activity WHERE usename = '" + USER + "'"));
    }

    @Override
    public void close() throws Exception {
        timer.shutdown();
        empty();
        home.close();
    }
}
