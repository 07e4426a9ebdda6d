package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.internal.fence.Residue;
import io.github.pgmanaged.internal.fence.Setting;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * What the server keeps for the session, as it was when the session was opened, after {@code onOpen}; and the SQL that
 * takes it back there, in one round trip. A value that came with the session (of {@code ALTER ROLE ... SET}, of the
 * string's {@code options}) comes back by RESET; one that was set in it, by {@code onOpen} or by the driver, is set
 * again.
 *
 * @param settings the values that were set in the session, each with the call that sets it again
 * @param values the values of the settings that JDBC changes
 * @param role the calls that set session authorization and role again
 * @param made what {@code onOpen} or the data source has left: kinds of which a lease's own cannot be told apart
 * @see <a href="https://www.postgresql.org/docs/current/sql-discard.html">PostgreSQL manual, "DISCARD"</a>
 */
record ServerBaseline(Map<String, String> settings, Map<String, String> values, List<String> role, Set<Residue> made) {
    private static final Map<Setting, String> NAMES = Map.of(
            Setting.READ_ONLY, "default_transaction_read_only",
            Setting.ISOLATION, "default_transaction_isolation",
            Setting.SCHEMA, "search_path",
            Setting.CLIENT_INFO, "application_name");

    private static final String ASK = """
            SELECT 'set', s.name,
                   pg_catalog.format('pg_catalog.set_config(%L, %L, false)', s.name, pg_catalog.current_setting(s.name))
              FROM pg_catalog.pg_settings s WHERE s.source = 'session'
            UNION ALL
            SELECT 'value', n.name, pg_catalog.current_setting(n.name)
              FROM (VALUES ('default_transaction_read_only'), ('default_transaction_isolation'), ('search_path'),
                           ('application_name')) n (name)
            UNION ALL
            SELECT 'role', '',
                   pg_catalog.format('pg_catalog.set_config(''session_authorization'', %L, false)', session_user)
            UNION ALL
            SELECT 'role', '',
                   pg_catalog.format('pg_catalog.set_config(''role'', %L, false)', pg_catalog.current_setting('role'))
             WHERE pg_catalog.current_setting('role') <> 'none'
            UNION ALL
            SELECT 'made', 'TEMPORARY', '' WHERE pg_catalog.pg_my_temp_schema() <> 0
            UNION ALL
            SELECT 'made', 'LISTENING', '' WHERE EXISTS (SELECT FROM pg_catalog.pg_listening_channels())
            UNION ALL
            SELECT 'made', 'STATEMENTS', ''
             WHERE EXISTS (SELECT FROM pg_catalog.pg_prepared_statements p WHERE p.from_sql)
            UNION ALL
            SELECT 'made', 'CURSORS', '' WHERE EXISTS (SELECT FROM pg_catalog.pg_cursors c WHERE c.is_holdable)
            UNION ALL
            SELECT 'made', 'LOCKS', ''
             WHERE EXISTS (SELECT FROM pg_catalog.pg_locks l
                            WHERE l.locktype = 'advisory' AND l.pid = pg_catalog.pg_backend_pid())
            """;

    /** Asks the server, in a session that has just been opened. */
    static ServerBaseline of(PgConnection session) throws SQLException {
        Map<String, String> settings = new HashMap<>();
        Map<String, String> values = new HashMap<>();
        List<String> role = new ArrayList<>();
        Set<Residue> made = EnumSet.noneOf(Residue.class);
        try (Statement statement = session.createStatement();
                ResultSet rows = statement.executeQuery(ASK)) {
            while (rows.next()) {
                String name = rows.getString(2);
                switch (rows.getString(1)) {
                    case "set" -> settings.put(name, rows.getString(3));
                    case "value" -> values.put(name, rows.getString(3));
                    case "role" -> role.add(rows.getString(3));
                    default -> made.add(Residue.valueOf(name));
                }
            }
        }
        return new ServerBaseline(settings, values, role, made);
    }

    /**
     * What has to be cleared of what a lease has left: also what stands on it. A statement that the driver has prepared
     * may mean another table than before when a temporary one is gone, or another role's schema; the server then raises
     * "cached plan must not change result type". The driver prepares anew when it sees DEALLOCATE ALL pass.
     */
    Set<Residue> toClear(Set<Residue> left, PgConnection session) {
        if (left.isEmpty()) {
            return left;
        }
        EnumSet<Residue> clear = EnumSet.copyOf(left);
        // From PostgreSQL 18 on the server reports its search_path, and the driver sees for itself.
        if (clear.remove(Residue.PATH) && session.getParameterStatus("search_path") == null) {
            clear.add(Residue.STATEMENTS);
        }
        if (clear.contains(Residue.TEMPORARY) || clear.contains(Residue.ROLE)) {
            clear.add(Residue.STATEMENTS);
        }
        return clear;
    }

    /**
     * The SQL that takes settings back and clears what was left.
     *
     * @param changed the settings that the lease changed through JDBC
     * @param clear what {@link #toClear} says
     * @return empty if the server need not be told anything
     */
    String back(Set<Setting> changed, Set<Residue> clear, PgConnection session) {
        StringBuilder sql = new StringBuilder();
        List<String> calls = new ArrayList<>();
        // First of all: what follows must not run under a statement_timeout of 1 ms.
        if (clear.contains(Residue.SETTINGS)) {
            sql.append("RESET ALL; ");
            calls.addAll(settings.values());
        } else {
            changed.forEach(setting -> back(NAMES.get(setting), sql, calls, session));
        }
        if (clear.contains(Residue.CURSORS)) {
            sql.append("CLOSE ALL; ");
        }
        if (clear.contains(Residue.ROLE)) {
            sql.append("SET SESSION AUTHORIZATION DEFAULT; ");
            calls.addAll(role);
        }
        if (clear.contains(Residue.LISTENING)) {
            sql.append("UNLISTEN *; ");
        }
        if (clear.contains(Residue.TEMPORARY)) {
            sql.append("DISCARD TEMP; ");
        }
        if (clear.contains(Residue.STATEMENTS)) {
            sql.append("DEALLOCATE ALL; ");
        }
        if (clear.contains(Residue.LOCKS)) {
            calls.add("pg_catalog.pg_advisory_unlock_all()");
        }
        if (clear.contains(Residue.SEED)) {
            calls.add("pg_catalog.setseed(" + ThreadLocalRandom.current().nextDouble() + ")");
        }
        if (!calls.isEmpty()) {
            sql.append("SELECT ").append(String.join(", ", calls));
        }
        return sql.toString();
    }

    /** RESET before the call lets the driver see that the {@code search_path} changes. */
    private void back(@Nullable String name, StringBuilder sql, List<String> calls, PgConnection session) {
        if (name == null || isBack(name, session)) {
            return;
        }
        sql.append("RESET ").append(name).append("; ");
        String call = settings.get(name);
        if (call != null) {
            calls.add(call);
        }
    }

    /** Whether the server has reported that a setting is what it was; it reports some of them. */
    private boolean isBack(String name, PgConnection session) {
        String reported = session.getParameterStatus(name);
        return reported != null && reported.equals(values.get(name));
    }
}
