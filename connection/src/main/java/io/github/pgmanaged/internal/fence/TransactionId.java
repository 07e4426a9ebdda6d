package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.CommitOutcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A transaction's ID, and what has to be known to ask for the transaction's outcome later.
 *
 * <p>After a crash, or on another server, the same ID may have been given again. So the ID comes with its
 * <em>incarnation</em>, which changes then: the system identifier, and the time at which the server last began its
 * statistics anew, as it does after each crash and at each promotion of a standby that was copied. In another
 * incarnation "committed" may be said of somebody else's transaction; "aborted" still holds, since an ID that is on
 * record as committed is never given again.
 *
 * @param id of type xid8; null if none had been assigned, since the transaction had written nothing
 * @param incarnation of the server
 * @see <a href="https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT">PostgreSQL manual,
 *     "Transaction ID and Snapshot Information Functions"</a>
 */
public record TransactionId(@Nullable String id, String incarnation) {
    // Nothing here depends on a setting: search_path, TimeZone and DateStyle may be a lease's.
    private static final String WHERE = "SELECT pg_catalog.concat_ws(' ',"
            + " (SELECT system_identifier FROM pg_catalog.pg_control_system()),"
            + " CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'standby' ELSE pg_catalog.substr("
            + "pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) END,"
            + " (SELECT pg_catalog.to_char(pg_catalog.timezone('UTC', stats_reset), 'YYYYMMDDHH24MISSUS')"
            + " FROM pg_catalog.pg_stat_bgwriter))";
    private static final String ASK = "SELECT CAST(pg_catalog.pg_current_xact_id_if_assigned() AS pg_catalog.text)";
    private static final String IS_STANDBY = "SELECT pg_catalog.pg_is_in_recovery()";
    private static final String STATUS = "SELECT pg_catalog.pg_xact_status(CAST(? AS pg_catalog.xid8))";

    /** The server's answer to an ID that it has not given yet: invalid_parameter_value. */
    private static final String FUTURE = "22023";

    /** Asks for the incarnation of a session's server; no session outlives it. */
    public static String incarnation(Connection session) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(WHERE);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    /** Asks for the ID of the transaction that is open. */
    static TransactionId ask(Connection session, String incarnation) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(ASK);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return new TransactionId(row.getString(1), incarnation);
        }
    }

    /** Asks, in another session, what became of it. */
    public CommitOutcome outcome(Connection session) throws SQLException {
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
            // A lease may have left a role that may not ask, or a timeout; the rollback leaves them to others.
            statement.execute(
                    "SET LOCAL statement_timeout = 0; SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE");
            return ask(session);
        } finally {
            session.rollback();
        }
    }

    private CommitOutcome ask(Connection session) throws SQLException {
        String now = incarnation(session);
        if (id == null || isStandby(session) || !systemOf(incarnation).equals(systemOf(now))) {
            return CommitOutcome.UNKNOWN; // a standby may hear of it yet; another database never does
        }
        return outcome(incarnation.equals(now), status(session));
    }

    private static boolean isStandby(Connection session) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(IS_STANDBY);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static CommitOutcome outcome(boolean sameIncarnation, String status) {
        return switch (status) {
            case "aborted" -> CommitOutcome.ROLLED_BACK;
            case "committed" -> sameIncarnation ? CommitOutcome.COMMITTED : CommitOutcome.UNKNOWN;
            case "in progress" -> sameIncarnation ? CommitOutcome.IN_PROGRESS : CommitOutcome.UNKNOWN;
            // There is no trace of it where the history goes on, and none can come.
            case "future" -> sameIncarnation ? CommitOutcome.UNKNOWN : CommitOutcome.ROLLED_BACK;
            default -> CommitOutcome.UNKNOWN; // too old
        };
    }

    private String status(Connection session) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(STATUS)) {
            statement.setString(1, id);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                String status = row.getString(1);
                return status == null ? "" : status;
            }
        } catch (SQLException e) {
            if (FUTURE.equals(e.getSQLState())) {
                return "future";
            }
            throw e;
        }
    }

    private static String systemOf(String incarnation) {
        return incarnation.substring(0, incarnation.indexOf(' '));
    }
}
