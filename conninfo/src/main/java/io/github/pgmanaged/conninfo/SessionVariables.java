package io.github.pgmanaged.conninfo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The environment variables that set something in the session, and have no keyword. libpq sends them when the session
 * begins; pgjdbc has values of its own there, so that they are set after it, at the price of a round trip.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-envars.html">PostgreSQL manual, "Environment
 *     Variables"</a>
 */
final class SessionVariables {
    private SessionVariables() {}

    static void apply(Environment environment, Connection connection) throws SQLException {
        Map<String, String> settings = new LinkedHashMap<>();
        collect(environment, "PGTZ", "TimeZone", settings);
        collect(environment, "PGGEQO", "geqo", settings);
        collect(environment, "PGDATESTYLE", "DateStyle", settings);
        String style = settings.getOrDefault("DateStyle", "");
        if (!style.isEmpty() && !style.toUpperCase(Locale.ROOT).startsWith("ISO")) {
            // pgjdbc reads dates in ISO form only, and ends a session that changes it. The order of a date's parts in
            // input is all that may be set.
            settings.put("DateStyle", "ISO, " + style);
        }
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            try (PreparedStatement set = connection.prepareStatement("SELECT set_config(?, ?, false)")) {
                set.setString(1, setting.getKey());
                set.setString(2, setting.getValue());
                set.execute();
            }
        }
    }

    private static void collect(
            Environment environment, String variable, String setting, Map<String, String> settings) {
        String value = environment.variable(variable);
        if (value != null && !value.equalsIgnoreCase("default")) {
            settings.put(setting, value);
        }
    }
}
