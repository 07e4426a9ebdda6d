package io.github.pgmanaged.peers;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** What a scenario has to play with: the peer's pool, opened when first wanted, and the server's own view. */
public final class Stage implements AutoCloseable {
    /** How long anything may take before it counts as blocked. */
    public static final Duration LIMIT = Duration.ofSeconds(10);

    private static final Duration TO_SHUT_DOWN = Duration.ofSeconds(3);

    private final Peer peer;
    private final Lab lab;
    private final String secret = "Secret" + UUID.randomUUID().toString().replace("-", "");
    private final LabTarget target;
    private final Collection<Pool> pools = new ConcurrentLinkedDeque<>();
    private final List<Integer> frozen = new ArrayList<>();
    private @Nullable Pool pool;

    Stage(Peer peer, Lab lab) throws SQLException {
        this.peer = peer;
        this.lab = lab;
        this.target = lab.target(secret);
        lab.clean();
        Logs.lookFor(secret);
    }

    /**
     * The server's own view.
     *
     * @return the lab
     */
    public Lab lab() {
        return lab;
    }

    /**
     * Where the pool connects to.
     *
     * @return the target
     */
    public LabTarget target() {
        return target;
    }

    /**
     * The pool.
     *
     * @return the same at each call
     * @throws Exception if it cannot be opened
     */
    public synchronized Pool pool() throws Exception {
        Pool open = pool;
        if (open == null) {
            open = open(target);
            pool = open;
        }
        return open;
    }

    /**
     * Opens another pool.
     *
     * @param there where to
     * @return the pool; it is closed at the end
     * @throws Exception if it cannot be opened
     */
    public Pool open(Target there) throws Exception {
        Pool opened = peer.open(there);
        pools.add(opened);
        return opened;
    }

    /**
     * As any caller gets it.
     *
     * @return a connection
     * @throws Exception if the pool gives none
     */
    public Connection borrow() throws Exception {
        return pool().lender().borrow();
    }

    /**
     * With autocommit set by the caller.
     *
     * @param autoCommit on or off
     * @return a connection
     * @throws Exception if the pool gives none
     */
    public Connection borrow(boolean autoCommit) throws Exception {
        Connection connection = borrow();
        connection.setAutoCommit(autoCommit);
        return connection;
    }

    /**
     * As a well-behaved caller works: it borrows, runs a query, ends its transaction, and gives the connection back.
     *
     * @return the backend it had
     * @throws Exception if it cannot work
     */
    public int work() throws Exception {
        Connection connection = borrow();
        try {
            Sql.run(connection, "SELECT 1");
            Sql.finish(connection);
            return pid(connection);
        } finally {
            close(connection);
        }
    }

    /**
     * Gives a connection back.
     *
     * @param connection a connection
     * @return what {@code close()} threw, or null
     */
    public static @Nullable Throwable close(Connection connection) {
        try {
            connection.close();
            return null;
        } catch (SQLException | RuntimeException | AssertionError e) {
            return e;
        }
    }

    /**
     * Which session a connection has.
     *
     * @param connection a connection
     * @return the backend; the server is not asked for it
     * @throws SQLException if the connection does not say
     */
    public static int pid(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getBackendPID();
    }

    /**
     * Stops a backend until the end of the scenario.
     *
     * @param pid the backend
     * @throws Exception if it is not there
     */
    public void freeze(int pid) throws Exception {
        lab.freeze(pid);
        frozen.add(pid);
    }

    /**
     * Who has logged the pools' password so far.
     *
     * @return names of loggers, and their levels
     */
    public Set<String> loggersThatWroteThePassword() {
        return Logs.loggersThatWrote(secret);
    }

    @Override
    public void close() throws IOException {
        try {
            for (int pid : frozen) {
                lab.thaw(pid);
            }
            lab.endSessions();
            for (Pool each : pools) {
                Attempt<Boolean> end = Attempt.begin("end of " + peer.title(), () -> {
                    each.end().close();
                    return true;
                });
                end.endsWithin(TO_SHUT_DOWN);
            }
            lab.endSessions();
            Logs.forget(secret);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
