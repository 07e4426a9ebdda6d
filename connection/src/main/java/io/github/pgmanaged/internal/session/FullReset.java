package io.github.pgmanaged.internal.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Clears all that {@code DISCARD ALL} clears, in one round trip, but keeps the driver's prepared statements (of those
 * the server knows that they did not come as SQL) and the settings that {@code onOpen} made.
 *
 * @param sql what is sent
 * @see <a href="https://www.postgresql.org/docs/current/sql-discard.html">PostgreSQL manual, "DISCARD"</a>
 */
record FullReset(String sql) {
    private static final String PREPARED_BY_SQL = """
            DO $pgmanaged$ DECLARE name text; BEGIN
              FOR name IN SELECT p.name FROM pg_catalog.pg_prepared_statements p WHERE p.from_sql LOOP
                EXECUTE pg_catalog.format('DEALLOCATE %I', name);
              END LOOP;
            END $pgmanaged$;
            """;

    private static final String REST = """
            UNLISTEN *;
            DISCARD PLANS;
            DISCARD TEMP;
            DISCARD SEQUENCES;
            """;

    /**
     * Reads what has been set so far, which a plain {@code RESET ALL} would undo: by {@code onOpen}, and by the driver
     * itself.
     */
    private static final String SET_SO_FAR = """
            SELECT pg_catalog.format('pg_catalog.set_config(''session_authorization'', %L, false)', session_user)
            UNION ALL
            SELECT pg_catalog.format('pg_catalog.set_config(%L, %L, false)', name, setting)
              FROM (SELECT name, pg_catalog.current_setting(name) AS setting
                      FROM pg_catalog.pg_settings WHERE source = 'session') s
            UNION ALL
            SELECT pg_catalog.format('pg_catalog.set_config(''role'', %L, false)', pg_catalog.current_setting('role'))
             WHERE pg_catalog.current_setting('role') <> 'none'
            """;

    /** Reads the settings of a session that has just been opened. */
    static FullReset of(Connection session) throws SQLException {
        StringBuilder settings = new StringBuilder();
        try (Statement statement = session.createStatement();
                ResultSet rows = statement.executeQuery(SET_SO_FAR)) {
            while (rows.next()) {
                settings.append(", ").append(rows.getString(1));
            }
        }
        return new FullReset("CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; "
                + PREPARED_BY_SQL
                + REST
                + "SELECT pg_catalog.pg_advisory_unlock_all()" + settings);
    }
}
