package io.github.pgmanaged;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.embedded.EmbeddedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A database of its own for each test class, with an empty table {@code example(key, value)} for each test, on a server
 * that all classes share: an embedded one, or the one that PGMANAGED_TEST_CONNINFO names.
 *
 * <p>{@link #admin} is a second connection, past everything under test: the server's own view.
 */
public final class TestDatabase
        implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final String SERVER = server();

    private String name = "";
    private Connection admin;
    private final List<AutoCloseable> toClose = new ArrayList<>();

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

    /** The server's own database. */
    public static DataSource serverSource() {
        return new LibpqDataSource(SERVER);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws SQLException {
        name = "test_" + UUID.randomUUID().toString().replace("-", "").toLowerCase(Locale.ROOT);
        try (Connection connection = serverSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        admin = source().getConnection();
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
        try (Connection connection = serverSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext extension) {
        return parameter.getParameter().getType() == TestDatabase.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext extension) {
        return this;
    }

    /** A connection string for this database. */
    public String conninfo() {
        ConnInfo server = ConnInfo.parse(SERVER);
        if (SERVER.startsWith("jdbc:")) {
            return SERVER.replaceFirst("(jdbc:postgresql:(?://[^/]*)?/?)[^?]*", "$1" + name);
        }
        if (!SERVER.startsWith("postgres")) {
            return SERVER + " dbname=" + name; // the last one counts
        }
        String authority = SERVER.replaceFirst("^postgres(ql)?://", "").replaceFirst("[/?].*$", "");
        String query =
                server.values().isEmpty() || SERVER.indexOf('?') < 0 ? "" : SERVER.substring(SERVER.indexOf('?'));
        return "postgres://" + authority + "/" + name + query;
    }

    public DataSource source() {
        return new LibpqDataSource(conninfo());
    }

    /** The same, as a source of pgjdbc's own. */
    public PGSimpleDataSource pgjdbcSource() throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        ConnInfo conninfo = ConnInfo.parse(conninfo());
        if (conninfo.isJdbcUrl()) {
            source.setURL(conninfo());
            return source;
        }
        source.setURL(admin.getMetaData().getURL());
        Map<String, String> values = conninfo.resolve(Environment.current()).values();
        source.setUser(values.get("user"));
        source.setPassword(values.getOrDefault("password", ""));
        return source;
    }

    /** A manager that is closed after the test. */
    public ManagedConnection manager() {
        return closing(ManagedConnection.of(conninfo()));
    }

    public ManagedConnection.Builder builder() {
        return ManagedConnection.builder(conninfo());
    }

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
        if (!query("SELECT pg_terminate_backend(" + pid + ", 5000)").equals("t")) {
            throw new AssertionError("backend " + pid + " did not end");
        }
    }

    /** Sessions of others in this database. */
    public long sessions() throws SQLException {
        return Long.parseLong(query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"));
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

    /** The PID of the manager's session, as a lease sees it; it leaves nothing behind. */
    public static int pid(ManagedConnection manager) throws SQLException {
        return manager.<Integer, RuntimeException>withConnection(TestDatabase::pid);
    }
}
