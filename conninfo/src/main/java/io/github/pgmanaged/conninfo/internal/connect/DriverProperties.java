package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * The properties that a tool gives to a JDBC driver beside its URL, told apart: those that a keyword stands for, by
 * pgjdbc's name or by libpq's; pgjdbc's own; and those that are not known.
 *
 * <p>Thread safety: immutable.
 *
 * @param keywords by keyword
 * @param own pgjdbc's own properties, which no keyword stands for
 * @param unknown the names of the rest
 * @param loginTimeout seconds for the whole opening; null if it is not given
 */
public record DriverProperties(
        Map<Keyword, String> keywords,
        Map<String, String> own,
        Set<String> unknown,
        @Nullable Integer loginTimeout) {
    private static final Map<String, Keyword> KEYWORDS = Map.ofEntries(
            Map.entry(PGProperty.PG_HOST.getName(), Keyword.HOST),
            Map.entry(PGProperty.PG_PORT.getName(), Keyword.PORT),
            Map.entry(PGProperty.PG_DBNAME.getName(), Keyword.DBNAME),
            Map.entry(PGProperty.APPLICATION_NAME.getName(), Keyword.APPLICATION_NAME),
            Map.entry(PGProperty.CONNECT_TIMEOUT.getName(), Keyword.CONNECT_TIMEOUT),
            Map.entry(PGProperty.CHANNEL_BINDING.getName(), Keyword.CHANNEL_BINDING),
            Map.entry(PgjdbcProperties.REQUIRE_AUTH, Keyword.REQUIRE_AUTH),
            Map.entry(PGProperty.SSL_NEGOTIATION.getName(), Keyword.SSLNEGOTIATION),
            Map.entry(PGProperty.KERBEROS_SERVER_NAME.getName(), Keyword.KRBSRVNAME),
            Map.entry(PGProperty.GSS_ENC_MODE.getName(), Keyword.GSSENCMODE),
            Map.entry(PGProperty.TCP_KEEP_ALIVE.getName(), Keyword.KEEPALIVES),
            Map.entry(PGProperty.TARGET_SERVER_TYPE.getName(), Keyword.TARGET_SESSION_ATTRS),
            Map.entry(PGProperty.LOAD_BALANCE_HOSTS.getName(), Keyword.LOAD_BALANCE_HOSTS));

    /** Values that are called otherwise in libpq; of other properties, and other values, they are the same. */
    private static final Map<Keyword, Map<String, String>> VALUES = Map.of(
            Keyword.GSSENCMODE,
            Map.of("allow", "prefer"),
            Keyword.KEEPALIVES,
            Map.of("true", "1", "false", "0"),
            Keyword.LOAD_BALANCE_HOSTS,
            Map.of("true", "random", "false", "disable"),
            Keyword.TARGET_SESSION_ATTRS,
            Map.of(
                    "master",
                    "primary",
                    "slave",
                    "standby",
                    "secondary",
                    "standby",
                    "preferSlave",
                    "prefer-standby",
                    "preferSecondary",
                    "prefer-standby"));

    /** What the string, and libpq's rules, decide: how the server is reached, and how it proves that it is the one. */
    private static final Map<PGProperty, String> REFUSED = Map.ofEntries(
            Map.entry(PGProperty.SOCKET_FACTORY, "host or hostaddr"),
            Map.entry(PGProperty.SOCKET_FACTORY_ARG, "host or hostaddr"),
            Map.entry(PGProperty.LOCAL_SOCKET_ADDRESS, "host or hostaddr"),
            Map.entry(PGProperty.AUTHENTICATION_PLUGIN_CLASS_NAME, "password or passfile"),
            Map.entry(PGProperty.SSL, "sslmode"),
            Map.entry(PGProperty.SSL_FACTORY, "sslmode, sslrootcert, sslcert and sslkey"),
            Map.entry(PGProperty.SSL_FACTORY_ARG, "sslmode, sslrootcert, sslcert and sslkey"),
            Map.entry(PGProperty.SSL_HOSTNAME_VERIFIER, "sslmode"),
            Map.entry(PGProperty.SSL_PASSWORD_CALLBACK, "sslpassword"),
            Map.entry(PGProperty.PROTOCOL_VERSION, "min_protocol_version and max_protocol_version"));

    /**
     * Tells the properties apart.
     *
     * @param properties with those that they inherit
     * @throws InvalidConnInfoException if one of them cannot be set beside a connection string of libpq's
     */
    public static DriverProperties of(Properties properties) {
        Map<Keyword, String> keywords = new EnumMap<>(Keyword.class);
        Map<String, String> own = new LinkedHashMap<>();
        Set<String> unknown = new TreeSet<>();
        Integer loginTimeout = null;
        for (String name : new TreeSet<>(properties.stringPropertyNames())) {
            String value = properties.getProperty(name);
            PGProperty property = PGProperty.forName(name);
            Keyword keyword = KEYWORDS.getOrDefault(name, Keyword.of(name).orElse(null));
            if (keyword != null) {
                keywords.put(keyword, VALUES.getOrDefault(keyword, Map.of()).getOrDefault(value, value));
            } else if (property == PGProperty.LOGIN_TIMEOUT) {
                loginTimeout = seconds(name, value);
            } else if (property == null) {
                unknown.add(name);
            } else if (REFUSED.containsKey(property)) {
                throw new InvalidConnInfoException("the property \"" + name + "\" cannot be set beside a connection"
                        + " string of libpq's: use the keyword " + REFUSED.get(property));
            } else {
                own.put(name, value);
            }
        }
        return new DriverProperties(keywords, own, unknown, loginTimeout);
    }

    private static int seconds(String name, String value) {
        try {
            return (int) Math.min(Integer.MAX_VALUE, Math.ceil(Double.parseDouble(value)));
        } catch (NumberFormatException e) {
            throw new InvalidConnInfoException(
                    "invalid value for the property \"" + name + "\": \"" + value + "\" is no number of seconds");
        }
    }

    /** The values that a keyword can have; null if it can have any. */
    public static @Nullable List<String> choices(Keyword keyword) {
        return switch (keyword) {
            case CHANNEL_BINDING -> List.of("disable", "prefer", "require");
            case GSSENCMODE -> List.of("disable", "prefer", "require");
            case LOAD_BALANCE_HOSTS -> List.of("disable", "random");
            case SSLMODE -> List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
            case SSLNEGOTIATION -> List.of("postgres", "direct");
            case TARGET_SESSION_ATTRS ->
                List.of("any", "read-write", "read-only", "primary", "standby", "prefer-standby");
            default -> null;
        };
    }
}
