package io.github.pgmanaged.cli;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a session is, and what of it psql's would not be. */
final class SessionFacts {
    private static final String SERVER = "SELECT current_setting('server_version') AS server_version,"
            + " CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS kind,"
            + " current_setting('transaction_read_only') = 'on' AS read_only,"
            + " coalesce(host(inet_server_addr()) || ' port ' || inet_server_port(), 'a Unix-domain socket') AS address,"
            + " session_user AS user, current_user AS role, current_database() AS database,"
            + " (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database())"
            + " AS database_encoding,"
            + " (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls,"
            + " (SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS cipher";

    /** What a session has, who has set it, and what the database and the role have set for it: the nearest first. */
    private static final String SETTINGS = "SELECT s.name, s.setting, s.source,"
            + " (SELECT substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting d, unnest(d.setconfig) c"
            + " WHERE lower(split_part(c, '=', 1)) = lower(s.name)"
            + " AND d.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))"
            + " AND d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))"
            + " ORDER BY d.setrole = 0, d.setdatabase = 0 LIMIT 1)"
            + " FROM pg_settings s WHERE s.name IN ('TimeZone', 'DateStyle', 'client_encoding', 'search_path')"
            + " ORDER BY s.name";

    private SessionFacts() {}

    /**
     * Asks.
     *
     * @param asked what psql's session has of the settings because the environment says so; empty for one that the
     *     string sets, which counts here as it does there
     */
    static Map<String, Object> of(Connection connection, Map<String, String> asked) throws SQLException {
        Map<String, Object> facts = new LinkedHashMap<>();
        List<String> differences = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery(SERVER)) {
                row.next();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    facts.put(row.getMetaData().getColumnLabel(i), row.getObject(i));
                }
            }
            try (ResultSet row = statement.executeQuery(SETTINGS)) {
                while (row.next()) {
                    String name = row.getString(1);
                    facts.put(name.toLowerCase(Locale.ROOT), row.getString(2));
                    facts.put(name.toLowerCase(Locale.ROOT) + "_from", row.getString(3));
                    String theirs = asked.containsKey(name) ? asked.get(name) : row.getString(4);
                    boolean same = theirs == null || theirs.isEmpty() || theirs.equalsIgnoreCase(row.getString(2));
                    if (!same && isOurs(row.getString(3)) && !name.equals("client_encoding")) {
                        differences.add(name + " is \"" + row.getString(2) + "\" here, and \"" + theirs + "\" there");
                    }
                }
            }
        }
        Object encoding = facts.get("database_encoding");
        if (!"UTF8".equals(encoding)) {
            differences.add(
                    "client_encoding is UTF8 here, and there that of the locale, or else the database's, " + encoding);
        }
        facts.put("differs_from_psql", differences);
        return facts;
    }

    /** Whether the client has set it, at the start or afterwards. */
    private static boolean isOurs(String from) {
        return from.equals("client") || from.equals("session");
    }
}
