package io.github.pgmanaged.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A database of its own for each test class, with an empty table {@code example(key, value)} for each test, on a server
 * that all classes share: an embedded one, or the one that PGMANAGED_TEST_CONNINFO names.
 *
 * <p>{@link #admin} is a second connection, past everything under test: the server's own view.
 */
public class TestDatabase implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {
    private static final ServerUri SERVER = ServerUri.parse(server());
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final String name = "test_" + UUID.randomUUID().toString().replace("-", "");
    private final ServerUri database = SERVER.withDatabase(name);
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // JUnit calls beforeAll first
    private Connection admin;

    private static String server() {
        String given = System.getenv("PGMANAGED_TEST_CONNINFO");
        if (given != null && !given.isEmpty()) {
            return given;
        }
        try {
            return EmbeddedServer.start().conninfo();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws SQLException {
        try (Connection connection = SERVER.source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        admin = pgjdbcSource().getConnection();
        update("CREATE TABLE example (key varchar PRIMARY KEY, value varchar)");
    }

    @Override
    public void beforeEach(ExtensionContext context) throws SQLException {
        update("TRUNCATE example");
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
        toClose.clear();
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        try {
            Elsewhere.allHaveEnded();
        } finally {
            dropDatabase();
        }
    }

    private void dropDatabase() throws SQLException {
        admin.close();
        try (Connection connection = SERVER.source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        }
    }

    /** A connection string for this database: a URI. */
    public String conninfo() {
        return database.text();
    }

    /** Opens connections to this database, through pgjdbc alone. */
    public PGSimpleDataSource pgjdbcSource() throws SQLException {
        return database.source();
    }

    /** Closes it after the test. */
    public <T extends AutoCloseable> T closing(T closeable) {
        toClose.add(closeable);
        return closeable;
    }

    // --- the server's own view ----------------------------------------------------------------------------------

    public Connection admin() {
        return admin;
    }

    public void update(String sql) throws SQLException {
        try (Statement statement = admin.createStatement()) {
            statement.execute(sql);
        }
    }

    public String query(String sql) throws SQLException {
        return query(admin, sql);
    }

    public long rows() throws SQLException {
        return Long.parseLong(query("SELECT count(*) FROM example"));
    }

    public void kill(int pid) throws SQLException {
        if (!query("SELECT pg_terminate_backend(" + pid + ", 60000)").equals("t")) {
            throw new AssertionError("backend " + pid + " did not end");
        }
    }

    /** Until a backend is in its {@code pg_sleep}: it is active before, when it may not have begun what it is asked. */
    public void awaitSleep(int pid) {
        Awaitility.await()
                .until(() -> query(
                                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " + pid)
                        .equals("1"));
    }

    /** Sessions of others in this database. */
    public long sessions() throws SQLException {
        return Long.parseLong(query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"));
    }

    /**
     * Waits until there are so many. The server notices some time after a client has hung up that its session has
     * ended, be it one of the test before.
     */
    public void awaitSessions(long expected) {
        Awaitility.await("sessions").atMost(PATIENCE).until(this::sessions, there -> there == expected);
    }

    // --- short forms for any connection -------------------------------------------------------------------------

    public static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    public static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    public static void insert(Connection connection, String key) throws SQLException {
        execute(connection, "INSERT INTO example (key, value) VALUES ('" + key + "', 'bar')");
    }

    /** The SQLState that a call raises; "none" if it is null. */
    public static String state(ThrowingCallable call) {
        SQLException error = Assertions.catchThrowableOfType(SQLException.class, call);
        Assertions.assertThat((Throwable) error)
                .as("the call must raise an SQLException")
                .isNotNull();
        return error.getSQLState() == null ? "none" : error.getSQLState();
    }

    public static int pid(Connection connection) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }
}
