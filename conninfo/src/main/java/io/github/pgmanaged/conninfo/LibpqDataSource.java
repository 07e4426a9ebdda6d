package io.github.pgmanaged.conninfo;

import io.github.pgmanaged.conninfo.internal.connect.Pgjdbc;
import io.github.pgmanaged.conninfo.internal.connect.Replication;
import io.github.pgmanaged.conninfo.internal.connect.TargetSession;
import io.github.pgmanaged.conninfo.internal.parse.JdbcUrl;
import io.github.pgmanaged.conninfo.internal.resolve.Resolver;
import io.github.pgmanaged.conninfo.internal.resolve.Validation;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.LoggerFactory;

/**
 * Connections of pgjdbc's to where a libpq connection string leads; for any pool or framework:
 *
 * <pre>{@code
 * DataSource prod = new LibpqDataSource("service=prod");
 * }</pre>
 *
 * <p>The string is resolved anew at every opening, so that a rotated password, a changed service file or another
 * environment counts. What is ignored, and which password files are, is logged as a warning, once for each data source.
 *
 * <p>It is a bean, too, for frameworks that make a data source of its class's name and set its properties: HikariCP's
 * {@code dataSourceClassName}, Spring's {@code spring.datasource.type}, Agroal's provider class.
 *
 * <p>A {@code jdbc:postgresql:} URL is given to pgjdbc as it is, apart from its passwords: they are handed over beside
 * it, since pgjdbc logs its URL.
 *
 * <p>Thread safety: safe.
 */
public final class LibpqDataSource implements DataSource {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(LibpqDataSource.class);

    private volatile ConnInfo conninfo;
    private final Supplier<Environment> environment;
    /** Pgjdbc's own properties, which no keyword stands for. */
    private final Map<String, String> ownProperties;

    private final @Nullable String fallbackApplicationName;

    private final Set<String> warned = ConcurrentHashMap.newKeySet();
    /** The target of each connection that was opened with one; an entry goes with its connection. */
    private final Map<Connection, TargetSession> targets = Collections.synchronizedMap(new WeakHashMap<>());

    private volatile @Nullable String user;
    private volatile @Nullable String password;
    private volatile int loginTimeout;
    private volatile @Nullable PrintWriter logWriter;

    /**
     * A source for frameworks that set a bean's properties: {@code conninfo} or {@code url}, {@code user} and
     * {@code password}, {@code loginTimeout}. Without a string all is left to the environment.
     */
    public LibpqDataSource() {
        this("");
    }

    /**
     * A source of connections to where a string leads in the environment of this process.
     *
     * @param conninfo the string
     * @throws InvalidConnInfoException if it cannot be understood, or sets something that cannot be honoured
     */
    public LibpqDataSource(String conninfo) {
        this(ConnInfo.parse(conninfo));
    }

    /**
     * A source of connections to where a parsed string leads in the environment of this process.
     *
     * @param conninfo the parsed string
     * @throws InvalidConnInfoException if it sets something that cannot be honoured
     */
    public LibpqDataSource(ConnInfo conninfo) {
        this(conninfo, Environment::current);
    }

    /**
     * A source of connections to where a parsed string leads in an environment.
     *
     * @param conninfo the parsed string
     * @param environment asked at every opening
     * @throws InvalidConnInfoException if the string sets something that cannot be honoured
     */
    public LibpqDataSource(ConnInfo conninfo, Supplier<Environment> environment) {
        this(conninfo, environment, Map.of(), null);
    }

    LibpqDataSource(ConnInfo conninfo, Supplier<Environment> environment, Map<String, String> ownProperties) {
        this(conninfo, environment, ownProperties, null);
    }

    private LibpqDataSource(
            ConnInfo conninfo,
            Supplier<Environment> environment,
            Map<String, String> ownProperties,
            @Nullable String fallbackApplicationName) {
        Validation.checkString(conninfo.parsed());
        this.conninfo = conninfo;
        this.environment = environment;
        this.ownProperties = Map.copyOf(ownProperties);
        this.fallbackApplicationName = fallbackApplicationName;
    }

    /**
     * The same source, whose sessions have an {@code application_name} where nothing else gives them one: neither the
     * string ({@code application_name}, {@code fallback_application_name}, the {@code ApplicationName} of a
     * {@code jdbc:} URL) nor the service file nor {@code PGAPPNAME}.
     *
     * @param name the name
     * @return another source
     * @throws IllegalArgumentException if the name holds a NUL character
     */
    public LibpqDataSource withFallbackApplicationName(String name) {
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("fallbackApplicationName: must not hold a NUL character");
        }
        LibpqDataSource named = new LibpqDataSource(conninfo, environment, ownProperties, name);
        named.user = user;
        named.password = password;
        named.loginTimeout = loginTimeout;
        named.logWriter = logWriter;
        return named;
    }

    /**
     * Sets where connections lead from now on. There is no getter: the string may hold secrets.
     *
     * @param conninfo the string, {@code jdbc:libpq:} and the string, or a {@code jdbc:postgresql:} URL
     * @throws InvalidConnInfoException if it cannot be understood, or sets something that cannot be honoured
     */
    public void setConninfo(String conninfo) {
        use(ConnInfo.parse(conninfo));
    }

    /**
     * Sets where connections lead from now on, for frameworks that have a URL. There is no getter: it may hold secrets.
     *
     * @param url {@code jdbc:libpq:} and a string, or what else {@link #setConninfo} takes
     * @throws InvalidConnInfoException if it cannot be understood, or sets something that cannot be honoured
     */
    public void setUrl(String url) {
        use(ConnInfo.parse(url));
    }

    private void use(ConnInfo parsed) {
        Validation.checkString(parsed.parsed());
        conninfo = parsed;
    }

    /**
     * Sets the user of {@link #getConnection()}.
     *
     * @param user goes before what the string says; null leaves it to the string
     */
    public void setUser(@Nullable String user) {
        this.user = user;
    }

    /**
     * Sets the password of {@link #getConnection()}. There is no getter.
     *
     * @param password goes before what the string and the password file say; null leaves it to them
     */
    public void setPassword(@Nullable String password) {
        this.password = password;
    }

    /**
     * Whether the string asks for sessions that stream the server's whole log ({@code replication=true}), and know no
     * SQL. What a service file says does not count.
     *
     * @return whether it does
     */
    public boolean isForPhysicalReplication() {
        return Replication.isPhysical(conninfo.parsed());
    }

    /**
     * Opens a connection.
     *
     * @return a connection of pgjdbc's, in autocommit
     * @throws ConnectFailedException if no candidate would do
     * @throws SQLException with SQLState 08001 if the string cannot be resolved as things are: a service is not found,
     *     or a value of the environment is not valid; or if pgjdbc is older than 42.7.8
     */
    @Override
    public Connection getConnection() throws SQLException {
        return open(user, password);
    }

    /**
     * Opens a connection of another user. The password file is not asked, unless the password is null or empty.
     *
     * @param username goes before what the string says
     * @param password goes before what the string says
     * @return a connection of pgjdbc's, in autocommit
     * @throws SQLException as {@link #getConnection()}
     */
    @Override
    public Connection getConnection(@Nullable String username, @Nullable String password) throws SQLException {
        return open(username, password == null ? "" : password);
    }

    private Connection open(@Nullable String username, @Nullable String secret) throws SQLException {
        Pgjdbc.checkVersion();
        ConnInfo to = conninfo;
        if (to.isJdbcUrl()) {
            return openUrl(to, username, secret);
        }
        Resolution resolution;
        try {
            resolution = new Resolution(Resolver.resolve(
                    to.parsed().as(username, secret).withFallbackApplicationName(fallbackApplicationName),
                    environment.get()));
        } catch (InvalidConnInfoException e) {
            throw new SQLNonTransientConnectionException(e.getMessage(), "08001", e);
        }
        for (String warning : resolution.warnings()) {
            if (warned.add(warning)) {
                warn(to, warning);
            }
        }
        Connection connection = resolution.connect(loginTimeout, ownProperties);
        List<TargetSession> passes = TargetSession.passes(resolution.resolved().value(Keyword.TARGET_SESSION_ATTRS));
        // With more than one pass, the last one takes any server.
        if (passes.size() == 1 && passes.get(0) != TargetSession.ANY) {
            targets.put(physical(connection), passes.get(0));
        }
        return connection;
    }

    /**
     * Why a connection that came from this source would not be chosen now, by the {@code target_session_attrs} that was
     * in force when it was opened. A failover makes a standby of a primary, and the other way round, while connections
     * to it may live on. No file is read and no variable: one that is being replaced says nothing of a sound session.
     *
     * @param connection an open connection of this source; one of a server before PostgreSQL 14 is asked, which takes a
     *     round trip
     * @return the reason, in libpq's words; null if the connection will do, or is not one of this source
     * @throws SQLException if the connection has failed
     */
    public @Nullable String objectionTo(Connection connection) throws SQLException {
        TargetSession target = targets.get(physical(connection));
        return target == null ? null : target.objection(connection);
    }

    private static Connection physical(Connection connection) throws SQLException {
        return connection.isWrapperFor(PgConnection.class) ? connection.unwrap(PgConnection.class) : connection;
    }

    private void warn(ConnInfo of, String warning) {
        LOG.warn("{}: {}", of, warning);
        PrintWriter writer = logWriter;
        if (writer != null) {
            writer.println(of + ": " + warning);
            writer.flush();
        }
    }

    private Connection openUrl(ConnInfo url, @Nullable String username, @Nullable String secret) throws SQLException {
        Properties properties = new Properties();
        if (fallbackApplicationName != null) {
            PGProperty.APPLICATION_NAME.set(properties, fallbackApplicationName);
        }
        if (username != null) {
            properties.setProperty("user", username);
        }
        if (secret != null) {
            properties.setProperty("password", secret);
        }
        if (loginTimeout > 0) {
            properties.setProperty("loginTimeout", Integer.toString(loginTimeout));
        }
        return Pgjdbc.connectWhereItSays(JdbcUrl.moveSecrets(url.parsed().text(), properties), properties);
    }

    /**
     * How long an opening may take altogether, all candidates and the lookups of their names included. When the time is
     * over, its sockets are closed.
     *
     * @return seconds; 0 is for ever, unless {@code connect_timeout} bounds the attempts
     */
    @Override
    public int getLoginTimeout() {
        return loginTimeout;
    }

    /**
     * Sets how long an opening may take altogether, all candidates included.
     *
     * @param seconds the time; 0 is for ever, unless {@code connect_timeout} bounds the attempts
     */
    @Override
    public void setLoginTimeout(int seconds) {
        loginTimeout = Math.max(0, seconds);
    }

    /**
     * Where warnings go, beside SLF4J.
     *
     * @return the writer, or null
     */
    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    /**
     * Sets where warnings go, beside SLF4J.
     *
     * @param out the writer; null by default
     */
    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        logWriter = out;
    }

    /**
     * Not supported: what is logged goes to SLF4J.
     *
     * @return never
     * @throws SQLFeatureNotSupportedException always
     */
    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("what is logged goes to SLF4J", "0A000");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (!type.isInstance(this)) {
            throw new SQLException("a LibpqDataSource is no " + type.getName(), "0A000");
        }
        return type.cast(this);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }

    /**
     * The string, without its secrets.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        return "LibpqDataSource[" + conninfo + ']';
    }
}
