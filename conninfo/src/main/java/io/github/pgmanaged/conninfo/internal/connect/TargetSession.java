package io.github.pgmanaged.conninfo.internal.connect;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * What {@code target_session_attrs} asks of a server, as libpq asks it.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS">PostgreSQL
 *     manual, "target_session_attrs"</a>
 */
public enum TargetSession {
    ANY,
    READ_WRITE,
    READ_ONLY,
    PRIMARY,
    STANDBY;

    private static final String ASK_READ_ONLY = "SHOW transaction_read_only";
    private static final String ASK_STANDBY = "SELECT pg_catalog.pg_is_in_recovery()";

    /** What to look for, in order: {@code prefer-standby} takes any server when there is no standby. */
    public static List<TargetSession> passes(String attrs) {
        return switch (attrs) {
            case "read-write" -> List.of(READ_WRITE);
            case "read-only" -> List.of(READ_ONLY);
            case "primary" -> List.of(PRIMARY);
            case "standby" -> List.of(STANDBY);
            case "prefer-standby" -> List.of(STANDBY, ANY);
            default -> List.of(ANY);
        };
    }

    /**
     * Why a session will not do, in libpq's words; null if it does. Servers from 14 on have said it when the session
     * began; older ones are asked.
     */
    public @Nullable String objection(Connection connection) throws SQLException {
        try {
            return unfitness(connection);
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            // A server that is there and does not say what it is will not do; another one may.
            return '"' + (this == READ_WRITE || this == READ_ONLY ? ASK_READ_ONLY : ASK_STANDBY) + "\" failed";
        }
    }

    private @Nullable String unfitness(Connection connection) throws SQLException {
        return switch (this) {
            case ANY -> null;
            case READ_WRITE -> isReadOnly(connection) ? "session is read-only" : null;
            case READ_ONLY -> isReadOnly(connection) ? null : "session is not read-only";
            case PRIMARY -> isStandby(connection) ? "server is in hot standby mode" : null;
            case STANDBY -> isStandby(connection) ? null : "server is not in hot standby mode";
        };
    }

    private static boolean isReadOnly(Connection connection) throws SQLException {
        String readOnly = reported(connection, "default_transaction_read_only");
        String standby = reported(connection, "in_hot_standby");
        if (readOnly == null || standby == null) {
            return ask(connection, ASK_READ_ONLY).startsWith("on");
        }
        return readOnly.equals("on") || standby.equals("on");
    }

    private static boolean isStandby(Connection connection) throws SQLException {
        String standby = reported(connection, "in_hot_standby");
        return standby == null ? ask(connection, ASK_STANDBY).startsWith("t") : standby.equals("on");
    }

    private static @Nullable String reported(Connection connection, String parameter) throws SQLException {
        return connection.unwrap(PGConnection.class).getParameterStatus(parameter);
    }

    private static String ask(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(question)) {
            answer.next();
            return answer.getString(1);
        }
    }
}
