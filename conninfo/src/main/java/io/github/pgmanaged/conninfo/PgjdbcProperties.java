package io.github.pgmanaged.conninfo;

import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** What libpq's keywords are in pgjdbc. A keyword that is not here is refused, and never silently dropped. */
final class PgjdbcProperties {
    private static final Set<String> OWN = Set.of("user", "password", "host", "port", "dbname", "connect_timeout");
    private static final Set<String> SECRET = Set.of("password", "sslpassword");
    private static final Map<String, String> SAME = Map.of(
            "application_name", "ApplicationName",
            "options", "options",
            "sslmode", "sslmode",
            "sslcert", "sslcert",
            "sslkey", "sslkey",
            "sslrootcert", "sslrootcert",
            "sslpassword", "sslpassword");

    private PgjdbcProperties() {}

    static boolean isShownAsParameter(String keyword) {
        return !SECRET.contains(keyword) && (SAME.containsKey(keyword) || keyword.equals("connect_timeout"));
    }

    static void check(Map<String, String> values) {
        for (String keyword : values.keySet()) {
            if (!OWN.contains(keyword) && !SAME.containsKey(keyword)) {
                throw new InvalidConnInfoException("URI query parameter \"" + keyword + "\" is not understood");
            }
        }
        String host = values.getOrDefault("host", "");
        if (host.startsWith("/") || host.startsWith("@")) {
            throw new InvalidConnInfoException("Unix-domain sockets are not understood yet: host \"" + host + '"');
        }
        port(values.get("port"));
        seconds(values.get("connect_timeout"));
    }

    static void apply(Map<String, String> values, Map<String, String> environment, PGSimpleDataSource source) {
        String user = first(values.get("user"), environment.get("PGUSER"), System.getProperty("user.name"));
        source.setUser(user);
        source.setServerNames(new String[] {first(values.get("host"), environment.get("PGHOST"), "localhost")});
        source.setPortNumbers(new int[] {port(first(values.get("port"), environment.get("PGPORT"), "5432"))});
        source.setDatabaseName(first(values.get("dbname"), environment.get("PGDATABASE"), user));
        String password = first(values.get("password"), environment.get("PGPASSWORD"), "");
        if (!password.isEmpty()) {
            source.setPassword(password);
        }
        int seconds = seconds(first(values.get("connect_timeout"), environment.get("PGCONNECT_TIMEOUT"), "0"));
        if (seconds > 0) {
            source.setConnectTimeout(seconds);
            source.setLoginTimeout(seconds);
        }
        try {
            for (Map.Entry<String, String> e : values.entrySet()) {
                String property = SAME.get(e.getKey());
                if (property != null) {
                    source.setProperty(property, e.getValue());
                }
            }
        } catch (SQLException e) {
            throw new InvalidConnInfoException("pgjdbc refuses a parameter of the connection URI");
        }
    }

    private static int port(@Nullable String text) {
        int port = text == null ? 5432 : number("port", text);
        if (port < 1 || port > 65535) {
            throw new InvalidConnInfoException("invalid port number: \"" + text + '"');
        }
        return port;
    }

    private static int seconds(@Nullable String text) {
        return text == null ? 0 : number("connect_timeout", text);
    }

    private static int number(String keyword, String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new InvalidConnInfoException(
                    "invalid integer value \"" + text + "\" for connection option \"" + keyword + '"');
        }
    }

    private static String first(@Nullable String set, @Nullable String second, String otherwise) {
        return set != null ? set : second != null ? second : otherwise;
    }
}
