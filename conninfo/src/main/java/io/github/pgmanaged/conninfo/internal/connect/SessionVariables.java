package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.internal.net.LibpqSocketFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * The environment variables that set something in the session, and have no keyword. As with libpq, the session begins
 * with them.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-envars.html">PostgreSQL manual, "Environment
 *     Variables"</a>
 */
final class SessionVariables {
    /** The property for the style of dates that a session begins with. */
    static final String DATE_STYLE = LibpqSocketFactory.START + "DateStyle";

    private SessionVariables() {}

    /** Has the session begin with them. */
    static void put(Environment environment, Properties properties) {
        of(environment).forEach((name, value) -> properties.setProperty(LibpqSocketFactory.START + name, value));
    }

    /** Sets them in a session that has begun without, since GSSAPI hides from us what pgjdbc sends. */
    static void apply(Environment environment, Connection connection) throws SQLException {
        for (Map.Entry<String, String> setting : of(environment).entrySet()) {
            try (PreparedStatement set = connection.prepareStatement("SELECT set_config(?, ?, false)")) {
                set.setString(1, setting.getKey());
                set.setString(2, setting.getValue());
                set.execute();
            }
        }
    }

    private static Map<String, String> of(Environment environment) {
        Map<String, String> settings = new LinkedHashMap<>();
        collect(environment, "PGTZ", "TimeZone", settings);
        collect(environment, "PGGEQO", "geqo", settings);
        collect(environment, "PGDATESTYLE", "DateStyle", settings);
        settings.computeIfPresent("DateStyle", (name, style) -> DateOrder.inIsoForm(style));
        return settings;
    }

    private static void collect(
            Environment environment, String variable, String setting, Map<String, String> settings) {
        String value = environment.variables().get(variable);
        if (value != null && !value.equalsIgnoreCase("default")) {
            settings.put(setting, value);
        }
    }
}
