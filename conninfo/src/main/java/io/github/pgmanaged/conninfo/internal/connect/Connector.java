package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.Setting;
import io.github.pgmanaged.conninfo.Source;
import io.github.pgmanaged.conninfo.internal.net.LibpqSocketFactory;
import io.github.pgmanaged.conninfo.internal.net.SocketOwner;
import io.github.pgmanaged.conninfo.internal.net.StartException;
import io.github.pgmanaged.conninfo.internal.parse.Numbers;
import io.github.pgmanaged.conninfo.internal.resolve.ResolvedConnInfo;
import io.github.pgmanaged.conninfo.internal.resolve.Server;
import io.github.pgmanaged.conninfo.internal.tls.UnusableFileException;
import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLNonTransientConnectionException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.util.PSQLException;

/**
 * Opens one connection: tries the servers in order, one pgjdbc attempt for each address, and goes on exactly when libpq
 * does: to the next address if one cannot be dialled or takes longer than {@code connect_timeout}; to the next host if
 * a name is not known, the server is starting up or shutting down (57P03), or is not what {@code target_session_attrs}
 * asks for. Whatever else a server answers is the end of it.
 *
 * <p>Thread safety: for one thread and one use.
 */
public final class Connector {
    private static final String UNABLE = "08001";

    private static final String CANNOT_CONNECT_NOW = "57P03";
    private static final String TOO_MANY_CONNECTIONS = "53300";

    /** For two seconds altogether. */
    private static final int AGAIN = 40;

    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ResolvedConnInfo resolved;
    private final Map<String, String> ownProperties;
    private final long deadline;
    private final @Nullable SocketOwner owner = SocketOwner.current();
    private final Function<List<FailedAttempt>, SQLException> failed;
    private final List<FailedAttempt> failures = new ArrayList<>();

    /** What to do after a failed attempt. */
    private enum Next {
        ADDRESS,
        HOST,
        NONE
    }

    private Connector(
            ResolvedConnInfo resolved,
            Map<String, String> ownProperties,
            long deadline,
            Function<List<FailedAttempt>, SQLException> failed) {
        this.resolved = resolved;
        this.ownProperties = ownProperties;
        this.deadline = deadline;
        this.failed = failed;
    }

    /**
     * Opens a connection.
     *
     * @param ownProperties pgjdbc's own properties, which no keyword stands for
     * @param seconds how long it may take altogether; 0 is for ever
     * @param failed makes the exception for when no server would do
     * @throws SQLException that exception, or another if the connection fails otherwise
     */
    public static Connection open(
            ResolvedConnInfo resolved,
            Map<String, String> ownProperties,
            int seconds,
            Function<List<FailedAttempt>, SQLException> failed)
            throws SQLException {
        long deadline = seconds > 0 ? System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) : 0;
        return new Connector(resolved, ownProperties, deadline, failed).open();
    }

    private Connection open() throws SQLException {
        List<Server> servers = shuffledIfAsked(resolved.servers());
        for (TargetSession target : TargetSession.passes(resolved.value(Keyword.TARGET_SESSION_ATTRS))) {
            for (Server server : servers) {
                Connection connection = host(server, target);
                if (connection != null) {
                    return connection;
                }
            }
        }
        throw failed.apply(failures);
    }

    private @Nullable Connection host(Server server, TargetSession target) throws SQLException {
        List<Endpoint> endpoints;
        try {
            endpoints = shuffledIfAsked(Endpoint.of(server, nanos()));
        } catch (UnknownHostException e) {
            fail(
                    server,
                    String.valueOf(e.getMessage()),
                    new SQLNonTransientConnectionException(e.getMessage(), UNABLE, e));
            return null;
        }
        for (Endpoint endpoint : endpoints) {
            long nanos = nanos();
            long began = System.nanoTime();
            try {
                return Attempt.run(nanos, () -> fitting(attempt(endpoint), target));
            } catch (SQLException e) {
                boolean late = isTimeout(e) || wasBrokenOffSince(began);
                String reason = late ? "timeout expired" : reason(e, endpoint);
                SQLException failure =
                        isWithoutPassword(e) ? new SQLInvalidAuthorizationSpecException(reason, "28P01", e) : e;
                fail(server, endpoint.failed() + reason, failure);
                Next next = next(e, late);
                if (next == Next.HOST) {
                    return null;
                }
                if (next == Next.NONE) {
                    throw failed.apply(failures);
                }
            }
        }
        return null;
    }

    private Connection attempt(Endpoint endpoint) throws SQLException {
        Properties properties = PgjdbcProperties.of(resolved, ownProperties, endpoint);
        long began = System.nanoTime();
        try {
            return connect(endpoint.server(), properties);
        } catch (SQLException e) {
            if (wasBrokenOffSince(began) || isTimeout(e) || !mayDoWithoutTls(e, properties)) {
                throw e;
            }
            properties.setProperty("sslmode", "disable");
            try {
                return connect(endpoint.server(), properties);
            } catch (SQLException second) {
                e.addSuppressed(second);
                throw e;
            }
        }
    }

    /** The server said nothing for so long that the owner of the sockets closed them. */
    private boolean wasBrokenOffSince(long began) {
        return owner != null && owner.hasBrokenOffSince(began);
    }

    private Connection connect(Server server, Properties properties) throws SQLException {
        String url = PgjdbcProperties.url(resolved, server);
        try {
            return Pgjdbc.connect(url, properties);
        } catch (SQLException e) {
            String style = DateOrder.instead(e, properties);
            if (style == null) {
                throw e;
            }
            properties.setProperty(SessionVariables.DATE_STYLE, style);
            return again(url, properties, e);
        }
    }

    /** The session that has just ended may count for a while: a role may have no second one. */
    private static Connection again(String url, Properties properties, SQLException first) throws SQLException {
        for (int i = 1; true; i++) {
            try {
                return Pgjdbc.connect(url, properties);
            } catch (SQLException e) {
                if (i == AGAIN || !TOO_MANY_CONNECTIONS.equals(e.getSQLState()) || hasEnded()) {
                    e.addSuppressed(first);
                    throw e;
                }
            }
            // An attempt whose time is over interrupts it, and its sockets are closed.
            LockSupport.parkNanos(BETWEEN_NANOS);
        }
    }

    private static boolean hasEnded() {
        SocketOwner attempt = SocketOwner.current();
        return Thread.currentThread().isInterrupted() || (attempt != null && attempt.isClosed());
    }

    private static boolean isTimeout(SQLException e) {
        return causedBy(e, TimeoutException.class) || causedBy(e, SocketTimeoutException.class);
    }

    /** Sets what libpq would have set, and asks whether the server will do; the connection is closed if not. */
    private Connection fitting(Connection connection, TargetSession target) throws SQLException {
        try {
            if (PgjdbcProperties.isEncryptedByGssapi(resolved)
                    && !Replication.isTrue(resolved.value(Keyword.REPLICATION))) {
                SessionVariables.apply(resolved.environment(), connection);
            }
            String objection = target.objection(connection);
            if (objection == null) {
                protocolVersion(connection);
                connection.setNetworkTimeout(Runnable::run, PgjdbcProperties.networkTimeout(ownProperties));
                return connection;
            }
            throw new UnfitException(objection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** The server is not what {@code target_session_attrs} asks for: another may be. */
    private static final class UnfitException extends SQLNonTransientConnectionException {
        private static final long serialVersionUID = 1L;

        UnfitException(String objection) {
            super(objection, UNABLE);
        }
    }

    private void protocolVersion(Connection connection) throws SQLException {
        String min = resolved.value(Keyword.MIN_PROTOCOL_VERSION);
        int minor = connection
                .unwrap(BaseConnection.class)
                .getQueryExecutor()
                .getProtocolVersion()
                .getMinor();
        if (!min.isEmpty() && !min.equals("3.0") && minor < 2) {
            throw new SQLNonTransientConnectionException(
                    "server only supports protocol version 3." + minor
                            + ", but \"min_protocol_version\" was set to 3.2",
                    UNABLE);
        }
    }

    /** With {@code sslmode=prefer}, TLS that cannot be agreed on is done without, as in libpq. */
    private static boolean mayDoWithoutTls(SQLException e, Properties properties) {
        // pgjdbc's state for what fails while TLS is agreed on, and for some of what fails under it: then the server
        // was asked for a session. A file of our own that cannot be used is no such failure: it must not turn TLS off.
        SocketOwner attempt = SocketOwner.current();
        return "prefer".equals(properties.getProperty("sslmode"))
                && "08006".equals(e.getSQLState())
                && (attempt == null || !attempt.hasAskedForSession())
                && !causedBy(e, UnusableFileException.class);
    }

    private Next next(SQLException e, boolean late) {
        if (owner != null && owner.isClosed()) {
            // The other servers could not be dialled, but their names would be looked up, which may take its time.
            return Next.NONE;
        }
        if (late || causedBy(e, LibpqSocketFactory.UnreachableException.class)) {
            return Next.ADDRESS;
        }
        boolean other = e instanceof UnfitException || CANNOT_CONNECT_NOW.equals(e.getSQLState());
        return other ? Next.HOST : Next.NONE;
    }

    private static boolean causedBy(Throwable e, Class<? extends Throwable> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private String reason(SQLException e, Endpoint endpoint) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof StartException) {
                return cause.getMessage()
                        + (isWithoutPassword(e) ? "\n" + endpoint.server().noPassword() : "");
            }
            if (cause instanceof LibpqSocketFactory.UnreachableException) {
                return cause.getMessage() + "\n\tIs the server running "
                        + (endpoint.address() == null
                                ? "locally and accepting connections on that socket?"
                                : "on that host and accepting TCP/IP connections?");
            }
            if (cause instanceof EOFException) {
                return """
                        server closed the connection unexpectedly
                        \tThis probably means the server terminated abnormally
                        \tbefore or while processing the request.""";
            }
        }
        boolean fromServer = e instanceof PSQLException p && p.getServerErrorMessage() != null;
        Source password = endpoint.server().passwordSource();
        boolean filed = "28P01".equals(e.getSQLState())
                && fromServer
                && password != null
                && password.file().isPresent()
                && !isSetFrom(password);
        return e.getMessage()
                + (filed ? "\npassword retrieved from file \"" + resolved.value(Keyword.PASSFILE) + '"' : "");
    }

    private boolean isSetFrom(Source source) {
        Setting setting = resolved.settings().get(Keyword.PASSWORD);
        return setting != null && setting.source() == source;
    }

    private static boolean isWithoutPassword(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof StartException start) {
                return StartException.NO_PASSWORD.equals(start.getMessage());
            }
        }
        return false;
    }

    private void fail(Server server, String message, SQLException exception) {
        failures.add(new FailedAttempt(server, printable(message), exception));
    }

    /** Control characters in what a server says would reach somebody's terminal. */
    private static String printable(String message) {
        return message.codePoints()
                .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** What an attempt may take, 0 is for ever: {@code connect_timeout}, and not more than what is left. */
    private long nanos() throws SQLException {
        String value = resolved.value(Keyword.CONNECT_TIMEOUT);
        long own = value.isEmpty()
                ? 0
                : TimeUnit.SECONDS.toNanos(Math.max(0, Numbers.parse(value, Keyword.CONNECT_TIMEOUT)));
        if (deadline == 0) {
            return own;
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            SQLException late = new SQLNonTransientConnectionException("login timeout expired", UNABLE);
            throw failures.isEmpty() ? late : failed.apply(failures);
        }
        return own == 0 ? left : Math.min(own, left);
    }

    private <T> List<T> shuffledIfAsked(List<T> given) {
        if (!resolved.value(Keyword.LOAD_BALANCE_HOSTS).equals("random")) {
            return given;
        }
        List<T> shuffled = new ArrayList<>(given);
        Collections.shuffle(shuffled);
        return shuffled;
    }
}
