package io.github.pgmanaged.faults;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.failover.Elsewhere;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.proxy.FaultProxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** One fault in one phase: a manager of its own, behind a proxy of its own, and the books. */
final class Cell implements AutoCloseable {
    static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(3);
    static final Duration RELEASE_TIMEOUT = Duration.ofSeconds(1);
    static final Duration MAX_LEASE = Duration.ofSeconds(2);

    private static final String NAME = "cell";
    private static final int COMMITS = 4711;

    private final PostgresServer server;
    private final FaultProxy proxy;
    private final ManagedConnection manager;
    private final Books books = new Books();
    private final long id;
    private final List<Connection> others = new ArrayList<>();
    private int backend;
    private @Nullable Lease lease;
    private @Nullable Connection holdingCommits;
    private boolean wrote;
    private volatile boolean committed;
    private @Nullable CompletableFuture<Void> other;

    interface Work {
        void run() throws Exception;
    }

    Cell(PostgresServer server, long id) throws Exception {
        this(server, id, false);
    }

    Cell(PostgresServer server, long id, boolean verifyCommits) throws Exception {
        this.server = server;
        this.id = id;
        this.proxy = new FaultProxy(server.port());
        this.manager = ManagedConnection.builder("host=127.0.0.1 user=postgres dbname=postgres sslmode=disable"
                        + " connect_timeout=2 application_name=" + NAME + " port=" + proxy.port())
                .acquireTimeout(ACQUIRE_TIMEOUT)
                .releaseTimeout(RELEASE_TIMEOUT)
                .maxLease(MAX_LEASE)
                .validateAfterIdle(Duration.ZERO)
                .verifyCommits(verifyCommits)
                .build();
    }

    /** What all cells need in the database. */
    static void prepare(PostgresServer server) throws SQLException {
        server.execute(
                Books.TABLE,
                "CREATE TABLE deferring (a int)",
                "CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN PERFORM pg_advisory_xact_lock(" + COMMITS + "); RETURN NULL; END $$",
                "CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON deferring DEFERRABLE INITIALLY DEFERRED"
                        + " FOR EACH ROW EXECUTE FUNCTION wait_at_commit()");
    }

    ManagedConnection manager() {
        return manager;
    }

    PostgresServer server() {
        return server;
    }

    FaultProxy proxy() {
        return proxy;
    }

    /** The process of the manager's session; 0 if there is none. */
    int backend() {
        return backend;
    }

    void noBackend() {
        Awaitility.await("the end of the session").until(() -> sessions() == 0);
        backend = 0;
    }

    @Nullable
    Lease lease() {
        return lease;
    }

    boolean isCommitting() {
        return holdingCommits != null;
    }

    Lease acquire() throws SQLException {
        Lease acquired = manager.acquire();
        lease = acquired;
        backend = acquired.unwrap(PGConnection.class).getBackendPID();
        return acquired;
    }

    /** Inserts the operation of this cell. */
    boolean write(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(Books.insert(id));
        }
        wrote = true;
        return true;
    }

    void transaction() throws SQLException {
        manager.inTransaction(this::write);
        committed();
    }

    /** The product has said so. */
    void committed() {
        committed = true;
        books.committed(id);
    }

    void elsewhere(Work work) {
        other = Elsewhere.call(() -> {
            work.run();
            return null;
        });
    }

    /** Waits for the other thread, and raises what it raised. */
    void join() throws SQLException {
        if (other == null) {
            return;
        }
        try {
            other.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            throw new AssertionError(e.getCause());
        }
    }

    void awaitWaiter() {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(2))
                .until(() -> manager.stats().waiting() == 1);
    }

    // --- commits that wait on the server ------------------------------------------------------------------------

    void holdCommits() throws SQLException {
        holdingCommits = server.connect();
        try (Statement statement = holdingCommits.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + COMMITS + ")");
        }
    }

    void deferUntilCommitsAreLet(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO deferring VALUES (1)");
        }
    }

    void awaitCommit() {
        Awaitility.await("a COMMIT that waits")
                .until(() -> server.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND pid = "
                                + backend)
                        .equals("1"));
    }

    void letCommitsGo() {
        try {
            holdingCommits.close();
        } catch (SQLException e) {
            throw new AssertionError(e); // the driver's close() raises nothing, though the server may be gone
        }
    }

    // --- a server that is full ----------------------------------------------------------------------------------

    void takeAllSlots() throws SQLException {
        try {
            while (true) {
                others.add(server.connect());
            }
        } catch (SQLException e) {
            if (!e.getMessage().contains("too many clients")) {
                throw e;
            }
        }
    }

    void giveSlotsBack() throws SQLException {
        for (Connection connection : others) {
            connection.close();
        }
        others.clear();
    }

    // --- the verdict --------------------------------------------------------------------------------------------

    /**
     * Does what is to be done in the face of the fault.
     *
     * @return what it was told, in a word
     * @throws TimeoutException if it does not end
     */
    String act(Phase.Act act, Duration atMost) throws Exception {
        String told = "done";
        try {
            Elsewhere.call(() -> {
                        act.run();
                        return null;
                    })
                    .get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof SQLException failure)) {
                throw e;
            }
            told = failure.getClass().getSimpleName().replace("Exception", "") + " " + failure.getSQLState();
            if (failure instanceof CommitOutcomeUnknownException && !committed) {
                books.unknown(id);
                return told;
            }
        }
        if (wrote && !committed) {
            books.failed(id);
        }
        return told;
    }

    /** The next one gets in, and what was said is true. */
    void nextOneGetsIn() throws SQLException {
        long next = -id;
        manager.useTransaction(connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute(Books.insert(next));
            }
        });
        books.committed(next);
        Awaitility.await("one session").atMost(Duration.ofSeconds(20)).until(() -> sessions() <= 1);
    }

    void balance() throws SQLException {
        manager.close();
        Awaitility.await("no session").atMost(Duration.ofSeconds(20)).until(() -> sessions() == 0);
        try (Connection connection = server.connect()) {
            books.balance(connection);
        }
        server.execute("TRUNCATE books, deferring");
    }

    private long sessions() throws SQLException {
        return Long.parseLong(
                server.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + NAME + "'"));
    }

    @Override
    public void close() throws Exception {
        manager.close();
        proxy.close();
        if (holdingCommits != null) {
            holdingCommits.close();
        }
    }
}
