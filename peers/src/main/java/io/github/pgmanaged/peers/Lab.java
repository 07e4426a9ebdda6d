package io.github.pgmanaged.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A database of its own on the server, and a connection past the peers: the server's own view.
 *
 * <p>Thread safety: for one thread, apart from what pgjdbc guards itself.
 */
public final class Lab implements AutoCloseable {
    private final int port;
    private final String database;
    private Connection admin;

    /** Makes the database. */
    Lab(int port, String database) throws SQLException {
        this.port = port;
        this.database = database;
        try (Connection connection = connect("postgres")) {
            Sql.run(connection, "CREATE DATABASE " + database);
        }
        admin = connect(database);
        run("CREATE TABLE entries (name text PRIMARY KEY)");
    }

    private Connection connect(String where) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://localhost:" + port + "/" + where, "postgres", "");
    }

    /** Where peers connect to. */
    LabTarget target(String password) {
        return new LabTarget(port, database, "postgres", password, false);
    }

    /**
     * Runs a statement past the peers.
     *
     * @param sql the statement
     * @throws SQLException if it fails
     */
    public void run(String sql) throws SQLException {
        Sql.run(admin, sql);
    }

    /**
     * Asks the server past the peers.
     *
     * @param sql the query
     * @return the first column of the first row; "nothing" if it is null or not there
     * @throws SQLException if it fails
     */
    public String ask(String sql) throws SQLException {
        @Nullable String value = Sql.ask(admin, sql);
        return value == null ? "nothing" : value;
    }

    /**
     * Counts.
     *
     * @return the rows of the table {@code entries} that others can see
     * @throws SQLException if it fails
     */
    public int rows() throws SQLException {
        return Integer.parseInt(ask("SELECT count(*) FROM entries"));
    }

    /**
     * What a session does.
     *
     * @param pid its backend
     * @return as in pg_stat_activity: active, idle, idle in transaction, ...; "nothing" if there is no such session
     * @throws SQLException if it fails
     */
    public String state(int pid) throws SQLException {
        return ask("SELECT state FROM pg_stat_activity WHERE pid = " + pid);
    }

    /**
     * Waits until a session does something.
     *
     * @param pid its backend
     * @param state as in pg_stat_activity, or "nothing"
     */
    public void awaitState(int pid, String state) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> state(pid).equals(state));
    }

    /**
     * Lets time pass.
     *
     * @param time how much
     * @throws SQLException if the server cannot
     */
    public void pause(Duration time) throws SQLException {
        ask("SELECT pg_sleep(" + time.toMillis() / 1_000.0 + ")::text");
    }

    /**
     * Ends a backend, as an administrator does.
     *
     * @param pid the backend
     * @throws SQLException if it fails
     */
    public void kill(int pid) throws SQLException {
        ask("SELECT pg_terminate_backend(" + pid + ", 5000)");
    }

    /**
     * Stops a backend: it says nothing any more, and its socket stays open.
     *
     * @param pid the backend
     * @throws IOException if it is not there
     * @throws InterruptedException if this thread is to stop waiting
     */
    public void freeze(int pid) throws IOException, InterruptedException {
        signal("STOP", pid);
    }

    /** Has a stopped backend go on. */
    void thaw(int pid) throws IOException, InterruptedException {
        signal("CONT", pid);
    }

    /**
     * Crashes the server by the end of one backend, upon which it starts again. All sessions are lost.
     *
     * @throws IOException if the signal cannot be sent
     * @throws InterruptedException if this thread is to stop waiting
     * @throws SQLException if the server does not come back
     */
    public void restart() throws IOException, InterruptedException, SQLException {
        String began = ask("SELECT pg_postmaster_start_time()");
        try (Connection other = connect(database)) {
            signal("KILL", Integer.parseInt(ask("SELECT pg_backend_pid()")));
            // Before that the server has not heard of it, and lets somebody in whose session ends, too.
            Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> !other.isValid(5));
        }
        Awaitility.await()
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptions()
                .until(() -> {
                    Connection connection = connect(database);
                    admin = connection;
                    return true;
                });
        if (!began.equals(ask("SELECT pg_postmaster_start_time()"))) {
            throw new IllegalStateException("The postmaster is another one");
        }
    }

    private static void signal(String name, int pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Integer.toString(pid))
                .redirectErrorStream(true)
                .start();
        String said = new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (kill.waitFor() != 0) {
            throw new IOException(said);
        }
    }

    /** Ends the sessions of all others in this database. */
    void endSessions() {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                                + " WHERE datname = current_database() AND pid <> pg_backend_pid()")
                        .equals("0"));
    }

    /** An empty table, and nothing that a cell before has left. */
    void clean() throws SQLException {
        if (!admin.isValid(5)) {
            admin = connect(database); // the server was restarted in another lab
        }
        endSessions();
        String oldest = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()";
        for (String prepared = ask(oldest); !prepared.equals("nothing"); prepared = ask(oldest)) {
            run("ROLLBACK PREPARED '" + prepared + "'");
        }
        run("TRUNCATE entries");
    }

    @Override
    public void close() throws SQLException {
        admin.close();
    }
}
