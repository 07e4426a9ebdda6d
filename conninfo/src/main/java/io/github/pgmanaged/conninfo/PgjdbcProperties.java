package io.github.pgmanaged.conninfo;

import io.github.pgmanaged.conninfo.net.LibpqSocketFactory;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.PGProperty;

/**
 * What a resolved connection string is in pgjdbc, for one attempt. pgjdbc looks nothing up by itself: it gets one host,
 * a password even if there is none, and a socket that is dialled already.
 */
final class PgjdbcProperties {
    private final Resolution resolution;
    private final Properties properties = new Properties();

    private PgjdbcProperties(Resolution resolution) {
        this.resolution = resolution;
    }

    /**
     * The properties.
     *
     * @param seconds how long the attempt may take; 0 is for ever
     * @throws SQLException if a file that TLS needs is not there
     */
    static Properties of(Resolution resolution, Endpoint endpoint, int seconds) throws SQLException {
        PgjdbcProperties mapping = new PgjdbcProperties(resolution);
        mapping.who(endpoint.candidate());
        mapping.where(endpoint, seconds);
        mapping.encryption(endpoint.candidate());
        mapping.authentication();
        mapping.session();
        return mapping.properties;
    }

    /** The URL that {@code getMetaData().getURL()} shows; it has no secrets, and no Unix-domain socket. */
    static String url(Resolution resolution, Candidate candidate) {
        // With hostaddr, a host may be called anything; pgjdbc takes it as it is, but for what divides a URL.
        String host = candidate.isUnixSocket()
                ? "localhost"
                : candidate.host().replace("/", "%2F").replace("?", "%3F");
        String dbname = URLEncoder.encode(resolution.value(Keyword.DBNAME), StandardCharsets.UTF_8)
                .replace("+", "%20");
        return "jdbc:postgresql://" + (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + candidate.port() + '/'
                + dbname;
    }

    /** Whether the session streams the whole log; then it knows no SQL. */
    static boolean isPhysicalReplication(Resolution resolution) {
        return !Set.of("", "false", "off", "no", "0", "database").contains(resolution.value(Keyword.REPLICATION));
    }

    private void who(Candidate candidate) {
        set(PGProperty.USER, resolution.value(Keyword.USER));
        String password = candidate.password();
        // Without one, pgjdbc would read a password file by its own rules.
        set(PGProperty.PASSWORD, password == null ? "" : password);
    }

    private void where(Endpoint endpoint, int seconds) {
        properties.setProperty(PGProperty.SOCKET_FACTORY.getName(), LibpqSocketFactory.class.getName());
        InetAddress address = endpoint.address();
        if (address == null) {
            properties.setProperty(
                    LibpqSocketFactory.UNIX_SOCKET, endpoint.candidate().socketPath());
        } else {
            properties.setProperty(LibpqSocketFactory.ADDRESS, address.getHostAddress());
            properties.setProperty(
                    LibpqSocketFactory.PORT,
                    Integer.toString(endpoint.candidate().port()));
            copy(Keyword.KEEPALIVES_IDLE, LibpqSocketFactory.KEEPALIVES_IDLE);
            copy(Keyword.KEEPALIVES_INTERVAL, LibpqSocketFactory.KEEPALIVES_INTERVAL);
            copy(Keyword.KEEPALIVES_COUNT, LibpqSocketFactory.KEEPALIVES_COUNT);
        }
        String keepalives = resolution.value(Keyword.KEEPALIVES);
        boolean alive = keepalives.isEmpty() || Numbers.parse(keepalives, Keyword.KEEPALIVES) != 0;
        set(PGProperty.TCP_KEEP_ALIVE, Boolean.toString(alive));
        bound(properties, seconds);
    }

    /** Says how long an attempt may take; 0 is for ever. */
    static void bound(Properties properties, int seconds) {
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
        PGProperty.LOGIN_TIMEOUT.set(properties, seconds);
        // If the whole attempt is given up, this ends the read that it hangs in.
        PGProperty.SOCKET_TIMEOUT.set(properties, seconds);
    }

    private void encryption(Candidate candidate) throws SQLException {
        if (candidate.isUnixSocket()) {
            // As in libpq, whatever sslmode says.
            set(PGProperty.SSL_MODE, "disable");
            return;
        }
        TlsSettings tls = TlsSettings.of(
                resolution.values(), resolution.environment().home().orElse(null));
        set(PGProperty.SSL_MODE, tls.mode());
        set(PGProperty.SSL_NEGOTIATION, resolution.value(Keyword.SSLNEGOTIATION));
        tls.properties().forEach(properties::setProperty);
    }

    private void authentication() {
        set(PGProperty.CHANNEL_BINDING, resolution.value(Keyword.CHANNEL_BINDING));
        String methods = Arrays.stream(resolution.value(Keyword.REQUIRE_AUTH).split(","))
                .filter(method -> !Set.of("", "oauth", "!oauth").contains(method))
                .collect(Collectors.joining(","));
        if (!methods.isEmpty()) {
            set(PGProperty.REQUIRE_AUTH, methods);
        }
        set(PGProperty.KERBEROS_SERVER_NAME, resolution.value(Keyword.KRBSRVNAME));
        if (!resolution.value(Keyword.GSSLIB).isEmpty()) {
            set(PGProperty.GSS_LIB, resolution.value(Keyword.GSSLIB));
        }
        // libpq's "prefer" asks for encryption only with a ticket in the cache; pgjdbc's would ask in any case.
        String gssEncMode = resolution.value(Keyword.GSSENCMODE);
        set(PGProperty.GSS_ENC_MODE, gssEncMode.equals("prefer") ? "allow" : gssEncMode);
    }

    private void session() {
        boolean named = resolution.setting(Keyword.APPLICATION_NAME).isPresent();
        set(
                PGProperty.APPLICATION_NAME,
                resolution.value(named ? Keyword.APPLICATION_NAME : Keyword.FALLBACK_APPLICATION_NAME));
        // Else pgjdbc sends the application's name with a statement of its own, which is a round trip.
        set(PGProperty.ASSUME_MIN_SERVER_VERSION, "9.4");
        if (!resolution.value(Keyword.OPTIONS).isEmpty()) {
            set(PGProperty.OPTIONS, resolution.value(Keyword.OPTIONS));
        }
        String max = resolution.value(Keyword.MAX_PROTOCOL_VERSION);
        boolean newest = max.isEmpty()
                ? !Set.of("", "3.0").contains(resolution.value(Keyword.MIN_PROTOCOL_VERSION))
                : !max.equals("3.0");
        set(PGProperty.PROTOCOL_VERSION, newest ? "3.2" : "3");
        replication();
    }

    private void replication() {
        switch (resolution.value(Keyword.REPLICATION)) {
            case "", "false", "off", "no", "0" -> {}
            case "true", "on", "yes", "1" -> replication("true");
            default -> replication(resolution.value(Keyword.REPLICATION));
        }
    }

    private void replication(String kind) {
        set(PGProperty.REPLICATION, kind);
        // A server that streams its log does not know the extended protocol.
        set(PGProperty.PREFER_QUERY_MODE, "simple");
    }

    private void copy(Keyword keyword, String property) {
        String value = resolution.value(keyword);
        if (!value.isEmpty()) {
            properties.setProperty(property, Integer.toString(Numbers.parse(value, keyword)));
        }
    }

    private void set(PGProperty property, String value) {
        properties.setProperty(property.getName(), value);
    }
}
