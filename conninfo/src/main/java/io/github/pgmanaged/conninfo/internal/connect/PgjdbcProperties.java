package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.internal.net.DriverVersion;
import io.github.pgmanaged.conninfo.internal.net.LibpqSocketFactory;
import io.github.pgmanaged.conninfo.internal.parse.Numbers;
import io.github.pgmanaged.conninfo.internal.resolve.ResolvedConnInfo;
import io.github.pgmanaged.conninfo.internal.resolve.Server;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.postgresql.PGProperty;

/**
 * What a resolved connection string is in pgjdbc, for one attempt. pgjdbc looks nothing up by itself: it gets one host,
 * a password even if there is none, and a socket that is dialled already.
 */
final class PgjdbcProperties {
    /** Not the driver's constant, which came with 42.7.11. */
    static final String REQUIRE_AUTH = "requireAuth";

    private final ResolvedConnInfo resolved;
    private final Properties properties = new Properties();

    private PgjdbcProperties(ResolvedConnInfo resolved) {
        this.resolved = resolved;
    }

    /**
     * The properties.
     *
     * @param own pgjdbc's own properties, which no keyword stands for
     * @throws SQLException if a file that TLS needs is not there, or pgjdbc is too old for a setting
     */
    static Properties of(ResolvedConnInfo resolved, Map<String, String> own, Endpoint endpoint) throws SQLException {
        PgjdbcProperties mapping = new PgjdbcProperties(resolved);
        own.forEach(mapping.properties::setProperty);
        mapping.who(endpoint.server());
        mapping.where(endpoint);
        mapping.noTimeouts();
        mapping.encryption(endpoint.server());
        mapping.authentication();
        mapping.session();
        return mapping.properties;
    }

    /** The URL that {@code getMetaData().getURL()} shows; it has no secrets, and no Unix-domain socket. */
    static String url(ResolvedConnInfo resolved, Server server) {
        // With hostaddr, a host may be called anything; pgjdbc takes it as it is, but for what divides a URL.
        String host = server.isUnixSocket()
                ? "localhost"
                : server.host().replace("/", "%2F").replace("?", "%3F");
        String dbname = URLEncoder.encode(resolved.value(Keyword.DBNAME), StandardCharsets.UTF_8)
                .replace("+", "%20");
        return "jdbc:postgresql://" + (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + server.port() + '/'
                + dbname;
    }

    /** Whether nothing but pgjdbc sees what the session begins with. */
    static boolean isEncryptedByGssapi(ResolvedConnInfo resolved) {
        return resolved.value(Keyword.GSSENCMODE).equals("require");
    }

    private void who(Server server) {
        set(PGProperty.USER, resolved.value(Keyword.USER));
        String password = server.password();
        // Without one, pgjdbc would read a password file by its own rules.
        set(PGProperty.PASSWORD, password == null ? "" : password);
    }

    private void where(Endpoint endpoint) {
        properties.setProperty(PGProperty.SOCKET_FACTORY.getName(), LibpqSocketFactory.class.getName());
        InetAddress address = endpoint.address();
        if (address == null) {
            properties.setProperty(
                    LibpqSocketFactory.UNIX_SOCKET, endpoint.server().socketPath());
        } else {
            properties.setProperty(LibpqSocketFactory.ADDRESS, address.getHostAddress());
            properties.setProperty(
                    LibpqSocketFactory.PORT, Integer.toString(endpoint.server().port()));
            copy(Keyword.KEEPALIVES_IDLE, LibpqSocketFactory.KEEPALIVES_IDLE);
            copy(Keyword.KEEPALIVES_INTERVAL, LibpqSocketFactory.KEEPALIVES_INTERVAL);
            copy(Keyword.KEEPALIVES_COUNT, LibpqSocketFactory.KEEPALIVES_COUNT);
        }
        String keepalives = resolved.value(Keyword.KEEPALIVES);
        boolean alive = keepalives.isEmpty() || Numbers.parse(keepalives, Keyword.KEEPALIVES) != 0;
        set(PGProperty.TCP_KEEP_ALIVE, Boolean.toString(alive));
    }

    /**
     * The time is {@link Attempt}'s, which closes the sockets. To pgjdbc a server that answers a question for TLS too
     * late is one that has none, and gets the password in clear.
     */
    private void noTimeouts() {
        PGProperty.CONNECT_TIMEOUT.set(properties, 0);
        PGProperty.LOGIN_TIMEOUT.set(properties, 0);
        PGProperty.SOCKET_TIMEOUT.set(properties, 0);
        PGProperty.SSL_RESPONSE_TIMEOUT.set(properties, 0);
        PGProperty.GSS_RESPONSE_TIMEOUT.set(properties, 0);
    }

    /** Milliseconds for a read of the session, once it has begun; 0 is for ever. */
    static int networkTimeout(Map<String, String> own) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(own);
        int seconds = PGProperty.SOCKET_TIMEOUT.getInt(properties);
        return (int) Math.min(TimeUnit.SECONDS.toMillis(Math.max(0, seconds)), Integer.MAX_VALUE);
    }

    private void encryption(Server server) throws SQLException {
        if (server.isUnixSocket()) {
            // As in libpq, whatever sslmode says.
            set(PGProperty.SSL_MODE, "disable");
            return;
        }
        TlsSettings tls =
                TlsSettings.of(resolved.values(), resolved.environment().home().orElse(null), server.givenHost());
        set(PGProperty.SSL_MODE, tls.mode());
        set(PGProperty.SSL_NEGOTIATION, resolved.value(Keyword.SSLNEGOTIATION));
        tls.properties().forEach(properties::setProperty);
    }

    private void authentication() throws SQLException {
        set(PGProperty.CHANNEL_BINDING, resolved.value(Keyword.CHANNEL_BINDING));
        String methods = Arrays.stream(resolved.value(Keyword.REQUIRE_AUTH).split(","))
                .filter(method -> !Set.of("", "oauth", "!oauth").contains(method))
                .collect(Collectors.joining(","));
        if (!methods.isEmpty()) {
            if (PGProperty.forName(REQUIRE_AUTH) == null) {
                throw new SQLNonTransientConnectionException(
                        "require_auth needs pgjdbc 42.7.11 or newer; pgjdbc " + DriverVersion.present()
                                + " is on the class path, which would not check it",
                        "08001");
            }
            properties.setProperty(REQUIRE_AUTH, methods);
        }
        set(PGProperty.KERBEROS_SERVER_NAME, resolved.value(Keyword.KRBSRVNAME));
        if (!resolved.value(Keyword.GSSLIB).isEmpty()) {
            set(PGProperty.GSS_LIB, resolved.value(Keyword.GSSLIB));
        }
        // libpq's "prefer" asks for encryption only with a ticket in the cache; pgjdbc's would ask in any case.
        String gssEncMode = resolved.value(Keyword.GSSENCMODE);
        set(PGProperty.GSS_ENC_MODE, gssEncMode.equals("prefer") ? "allow" : gssEncMode);
    }

    private void session() {
        boolean named = resolved.settings().containsKey(Keyword.APPLICATION_NAME);
        set(
                PGProperty.APPLICATION_NAME,
                resolved.value(named ? Keyword.APPLICATION_NAME : Keyword.FALLBACK_APPLICATION_NAME));
        // Else pgjdbc sends the application's name with a statement of its own, which is a round trip.
        properties.putIfAbsent(PGProperty.ASSUME_MIN_SERVER_VERSION.getName(), "9.4");
        if (!resolved.value(Keyword.OPTIONS).isEmpty()) {
            // pgjdbc would log what it sends, secrets and all; under GSSAPI nobody else can send it.
            boolean hidden = resolved.value(Keyword.GSSENCMODE).equals("require");
            properties.setProperty(
                    hidden ? PGProperty.OPTIONS.getName() : LibpqSocketFactory.START + Keyword.OPTIONS.word(),
                    resolved.value(Keyword.OPTIONS));
        }
        SessionVariables.put(resolved.environment(), properties);
        String max = resolved.value(Keyword.MAX_PROTOCOL_VERSION);
        boolean newest = max.isEmpty()
                ? !Set.of("", "3.0").contains(resolved.value(Keyword.MIN_PROTOCOL_VERSION))
                : !max.equals("3.0");
        set(PGProperty.PROTOCOL_VERSION, newest ? "3.2" : "3");
        replication();
    }

    private void replication() {
        switch (resolved.value(Keyword.REPLICATION)) {
            case "", "false", "off", "no", "0" -> {}
            case "true", "on", "yes", "1" -> replication("true");
            default -> replication(resolved.value(Keyword.REPLICATION));
        }
    }

    private void replication(String kind) {
        set(PGProperty.REPLICATION, kind);
        // A server that streams its log does not know the extended protocol.
        set(PGProperty.PREFER_QUERY_MODE, "simple");
    }

    private void copy(Keyword keyword, String property) {
        String value = resolved.value(keyword);
        if (!value.isEmpty()) {
            properties.setProperty(property, Integer.toString(Numbers.parse(value, keyword)));
        }
    }

    private void set(PGProperty property, String value) {
        properties.setProperty(property.getName(), value);
    }
}
