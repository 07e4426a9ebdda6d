package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.Setting;
import io.github.pgmanaged.conninfo.Source;
import io.github.pgmanaged.conninfo.internal.net.LibpqSocketFactory;
import io.github.pgmanaged.conninfo.internal.net.SocketOwner;
import io.github.pgmanaged.conninfo.internal.parse.Numbers;
import io.github.pgmanaged.conninfo.internal.resolve.ResolvedConnInfo;
import io.github.pgmanaged.conninfo.internal.resolve.Server;
import io.github.pgmanaged.conninfo.internal.tls.UnusableFileException;
import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
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

    /** Sockets and pgjdbc count milliseconds in 32 bits. */
    private static final int LONGEST_SECONDS = Integer.MAX_VALUE / 1000;

    private static final String CANNOT_CONNECT_NOW = "57P03";

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
            endpoints = shuffledIfAsked(Endpoint.of(server));
        } catch (UnknownHostException e) {
            fail(
                    server,
                    String.valueOf(e.getMessage()),
                    new SQLNonTransientConnectionException(e.getMessage(), UNABLE, e));
            return null;
        }
        for (Endpoint endpoint : endpoints) {
            int seconds = seconds();
            long began = System.nanoTime();
            try {
                Connection connection = attempt(endpoint, seconds);
                return fitting(connection, endpoint, target) ? connection : null;
            } catch (SQLException e) {
                boolean late = causedBy(e, SocketTimeoutException.class)
                        || (seconds > 0 && System.nanoTime() - began >= TimeUnit.SECONDS.toNanos(seconds))
                        || wasBrokenOffSince(began);
                fail(server, endpoint.failed() + (late ? "timeout expired" : reason(e, endpoint)), e);
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

    private Connection attempt(Endpoint endpoint, int seconds) throws SQLException {
        Properties properties = PgjdbcProperties.of(resolved, ownProperties, endpoint, seconds);
        long began = System.nanoTime();
        try {
            return connect(endpoint.server(), properties);
        } catch (SQLException e) {
            if (wasBrokenOffSince(began) || !mayDoWithoutTls(e, properties)) {
                throw e;
            }
            properties.setProperty("sslmode", "disable");
            if (seconds > 0) {
                // The time is for both.
                long gone = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
                PgjdbcProperties.bound(properties, (int) Math.max(1, seconds - gone));
            }
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
        return Pgjdbc.connect(PgjdbcProperties.url(resolved, server), properties);
    }

    private boolean fitting(Connection connection, Endpoint endpoint, TargetSession target) throws SQLException {
        try {
            if (!PgjdbcProperties.isPhysicalReplication(resolved)) {
                SessionVariables.apply(resolved.environment(), connection);
            }
            String objection = target.objection(connection);
            if (objection == null) {
                protocolVersion(connection);
                connection.setNetworkTimeout(Runnable::run, PgjdbcProperties.networkTimeout(ownProperties));
                return true;
            }
            fail(
                    endpoint.server(),
                    endpoint.failed() + objection,
                    new SQLNonTransientConnectionException(objection, UNABLE));
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        connection.close();
        return false;
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
        // pgjdbc's state for what fails while TLS is agreed on, and for nothing else before a session begins.
        // A file of our own that cannot be used is no such failure: it must not turn TLS off.
        return "prefer".equals(properties.getProperty("sslmode"))
                && "08006".equals(e.getSQLState())
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
        return CANNOT_CONNECT_NOW.equals(e.getSQLState()) ? Next.HOST : Next.NONE;
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

    private void fail(Server server, String message, SQLException exception) {
        failures.add(new FailedAttempt(server, message, exception));
    }

    /** What an attempt may take: {@code connect_timeout}, and not more than what is left. */
    private int seconds() throws SQLException {
        String value = resolved.value(Keyword.CONNECT_TIMEOUT);
        int own = value.isEmpty()
                ? 0
                : Math.min(Math.max(0, Numbers.parse(value, Keyword.CONNECT_TIMEOUT)), LONGEST_SECONDS);
        if (deadline == 0) {
            return own;
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            SQLException late = new SQLNonTransientConnectionException("login timeout expired", UNABLE);
            throw failures.isEmpty() ? late : failed.apply(failures);
        }
        int rest = (int) Math.min(TimeUnit.NANOSECONDS.toSeconds(left + 999_999_999L), LONGEST_SECONDS);
        return own == 0 ? rest : Math.min(own, rest);
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
