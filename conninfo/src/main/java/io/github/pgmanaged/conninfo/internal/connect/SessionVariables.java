package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.Environment;
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
        settings.computeIfPresent("DateStyle", (name, style) -> inIsoForm(style));
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            try (PreparedStatement set = connection.prepareStatement("SELECT set_config(?, ?, false)")) {
                set.setString(1, setting.getKey());
                set.setString(2, setting.getValue());
                set.execute();
            }
        }
    }

    /**
     * The order of a date's parts, in ISO form: pgjdbc reads dates in no other, and ends a session that changes it.
     * Without an order, the German form means day before month.
     */
    private static String inIsoForm(String style) {
        String order = "";
        for (String word : style.toUpperCase(Locale.ROOT).split(",", -1)) {
            switch (word.strip()) {
                case "ISO", "SQL", "POSTGRES", "" -> {}
                case "GERMAN" -> order = order.isEmpty() ? ", DMY" : order;
                default -> order = ", " + word.strip();
            }
        }
        return "ISO" + order;
    }

    private static void collect(
            Environment environment, String variable, String setting, Map<String, String> settings) {
        String value = environment.variables().get(variable);
        if (value != null && !value.equalsIgnoreCase("default")) {
            settings.put(setting, value);
        }
    }
}
