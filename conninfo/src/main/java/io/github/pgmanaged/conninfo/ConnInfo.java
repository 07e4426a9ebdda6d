package io.github.pgmanaged.conninfo;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A parsed connection string: a {@code postgres://} or {@code postgresql://} URI as libpq reads it, or a
 * {@code jdbc:postgresql:} URL, which is passed to pgjdbc as it is.
 *
 * <p>Not understood yet: libpq's keyword/value form, Unix-domain sockets, service and password files of libpq's own
 * rules. A URI without a host means {@code PGHOST}, else {@code localhost}.
 *
 * <p>Thread safety: immutable.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING">PostgreSQL manual,
 *     "Connection Strings"</a>
 */
public final class ConnInfo {
    private static final String JDBC = "jdbc:postgresql:";

    private final @Nullable String jdbcUrl;
    private final Map<String, String> values;
    private final String display;

    private ConnInfo(@Nullable String jdbcUrl, Map<String, String> values, String display) {
        this.jdbcUrl = jdbcUrl;
        this.values = Collections.unmodifiableMap(values);
        this.display = display;
    }

    /**
     * Parses a connection string. Nothing is looked up and nothing is connected.
     *
     * @param conninfo the string
     * @return what it says
     * @throws InvalidConnInfoException if it cannot be understood
     */
    public static ConnInfo parse(String conninfo) {
        if (conninfo == null) {
            throw new InvalidConnInfoException("the connection string is null");
        }
        if (conninfo.startsWith(JDBC)) {
            if (Driver.parseURL(conninfo, new Properties()) == null) {
                throw new InvalidConnInfoException("pgjdbc does not understand the jdbc:postgresql: URL; see its manual"
                        + " for the form (the URL is not shown, since it may hold a password)");
            }
            return new ConnInfo(conninfo, new LinkedHashMap<>(), withoutSecrets(conninfo));
        }
        try {
            Map<String, String> values = ConnInfoUri.parse(conninfo);
            PgjdbcProperties.check(values);
            return new ConnInfo(null, values, display(values));
        } catch (InvalidConnInfoException e) {
            throw ConnInfoUri.mayMistakeUserInfo(conninfo) ? ConnInfoUri.unencodedUserInfo() : e;
        }
    }

    /**
     * What the string itself sets, by libpq's keywords, in the string's order; empty for a {@code jdbc:postgresql:}
     * URL.
     *
     * @return an unmodifiable map; it holds secrets as they are
     */
    public Map<String, String> values() {
        return values;
    }

    /**
     * A source of connections to where the string points. Environment variables count as they are at each call of
     * {@link DataSource#getConnection()}.
     *
     * @return a new source
     */
    public DataSource toDataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        if (jdbcUrl != null) {
            source.setURL(jdbcUrl);
            return source;
        }
        PgjdbcProperties.apply(values, System.getenv(), source);
        return source;
    }

    /**
     * The string without its secrets.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        return display;
    }

    /** Of a URL's parameters nothing is shown, since pgjdbc has several that are secret and may get more. */
    private static String withoutSecrets(String url) {
        String shown = url.replaceFirst("[?&].*", "?...");
        return shown.indexOf('@') < 0 ? shown : JDBC + "//***@" + shown.substring(shown.lastIndexOf('@') + 1);
    }

    private static String display(Map<String, String> values) {
        StringBuilder text = new StringBuilder("postgres://");
        if (values.containsKey("user")) {
            text.append(values.get("user")).append('@');
        }
        String host = values.getOrDefault("host", "");
        text.append(host.indexOf(':') >= 0 ? '[' + host + ']' : host);
        if (values.containsKey("port")) {
            text.append(':').append(values.get("port"));
        }
        text.append('/').append(values.getOrDefault("dbname", ""));
        String rest = values.entrySet().stream()
                .filter(e -> PgjdbcProperties.isShownAsParameter(e.getKey()))
                .map(e -> e.getKey() + '=' + e.getValue())
                .collect(Collectors.joining("&"));
        return rest.isEmpty() ? text.toString() : text.append('?').append(rest).toString();
    }
}
