package io.github.pgmanaged.conninfo.internal.resolve;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.internal.parse.Numbers;
import io.github.pgmanaged.conninfo.internal.parse.ParsedConnInfo;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks the values: first as libpq's {@code pqConnectOptions2} does, in its order and words; then for what libpq could
 * honour and pgjdbc cannot.
 */
public final class Validation {
    private static final List<String> TLS_VERSIONS = List.of("tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3");

    private static final Set<String> METHODS =
            Set.of("password", "md5", "gss", "sspi", "scram-sha-256", "oauth", "none");

    /** What PostgreSQL does not look at in the name of an encoding. */
    private static final Pattern ENCODING_NOISE = Pattern.compile("[^a-z0-9]");

    private final Function<Keyword, @Nullable String> values;

    private Validation(Function<Keyword, @Nullable String> values) {
        this.values = values;
    }

    /** Checks what a string sets: as early as it is known, and whatever an environment may add. */
    public static void checkString(ParsedConnInfo conninfo) {
        if (conninfo.isDoubtful()) {
            throw doubtful();
        }
        Map<String, String> set = conninfo.values();
        new Validation(keyword -> set.get(keyword.word())).eachAndTogether();
    }

    /**
     * For a URI that libpq reads as something that nobody meant; it would reach another server with half a password.
     */
    static InvalidConnInfoException doubtful() {
        return new InvalidConnInfoException("the user information of the connection URI cannot be understood;"
                + " percent-encode the characters @ / ? : and % in it, and an @ in the database's name (the URI is not"
                + " shown, since it may hold a password)");
    }

    /** Checks all values and the servers that they lead to. */
    static void check(Function<Keyword, @Nullable String> values, List<Server> servers) {
        Validation validation = new Validation(values);
        validation.eachAndTogether();
        if (servers.stream().anyMatch(Server::isUnixSocket)) {
            validation.socket();
        }
    }

    private void eachAndTogether() {
        requireAuth();
        security();
        oneOf(Keyword.TARGET_SESSION_ATTRS, "any", "read-write", "read-only", "primary", "standby", "prefer-standby");
        scramKeys();
        oneOf(Keyword.LOAD_BALANCE_HOSTS, "disable", "random");
        protocolVersions();
        numbers();
        ports();
        whatPgjdbcCannotDo();
    }

    private void security() {
        oneOf(Keyword.CHANNEL_BINDING, "disable", "prefer", "require");
        oneOf(Keyword.SSLMODE, "disable", "allow", "prefer", "require", "verify-ca", "verify-full");
        oneOf(Keyword.SSLNEGOTIATION, "postgres", "direct");
        String sslmode = text(Keyword.SSLMODE);
        if (text(Keyword.SSLNEGOTIATION).equals("direct") && sslmode.matches("disable|allow|prefer")) {
            throw new InvalidConnInfoException("weak sslmode \"" + sslmode + "\" may not be used with"
                    + " sslnegotiation=direct (use \"require\", \"verify-ca\", or \"verify-full\")");
        }
        if (text(Keyword.SSLROOTCERT).equals("system") && !sslmode.isEmpty() && !sslmode.equals("verify-full")) {
            throw new InvalidConnInfoException(
                    "weak sslmode \"" + sslmode + "\" may not be used with sslrootcert=system (use \"verify-full\")");
        }
        int min = tlsVersion(Keyword.SSL_MIN_PROTOCOL_VERSION);
        int max = tlsVersion(Keyword.SSL_MAX_PROTOCOL_VERSION);
        if (min >= 0 && max >= 0 && min > max) {
            throw new InvalidConnInfoException("invalid SSL protocol version range");
        }
        oneOf(Keyword.SSLCERTMODE, "disable", "allow", "require");
        oneOf(Keyword.GSSENCMODE, "disable", "prefer", "require");
    }

    private void oneOf(Keyword keyword, String... allowed) {
        String value = values.apply(keyword);
        if (value != null && !List.of(allowed).contains(value)) {
            throw new InvalidConnInfoException("invalid " + keyword + " value: \"" + value + '"');
        }
    }

    private int tlsVersion(Keyword keyword) {
        String value = text(keyword);
        int index = TLS_VERSIONS.indexOf(value.toLowerCase(Locale.ROOT));
        if (index < 0 && !value.isEmpty()) {
            throw new InvalidConnInfoException("invalid \"" + keyword + "\" value: \"" + value + '"');
        }
        return index;
    }

    private void requireAuth() {
        String value = text(Keyword.REQUIRE_AUTH);
        if (value.isEmpty()) {
            return;
        }
        boolean negated = value.startsWith("!");
        Set<String> seen = new HashSet<>();
        for (String part : value.split(",", -1)) {
            if (part.startsWith("!") && !negated) {
                throw new InvalidConnInfoException(
                        "negative require_auth method \"" + part + "\" cannot be mixed with non-negative methods");
            }
            if (!part.startsWith("!") && negated) {
                throw new InvalidConnInfoException(
                        "require_auth method \"" + part + "\" cannot be mixed with negative methods");
            }
            String method = negated ? part.substring(1) : part;
            if (!METHODS.contains(method)) {
                throw new InvalidConnInfoException("invalid require_auth value: \"" + method + '"');
            }
            if (!seen.add(method)) {
                throw new InvalidConnInfoException("require_auth method \"" + part + "\" is specified more than once");
            }
        }
        // Of an empty list pgjdbc would make that every method will do.
        seen.remove("oauth");
        if (negated ? seen.size() == METHODS.size() - 1 : seen.isEmpty()) {
            throw unsupported(Keyword.REQUIRE_AUTH, "pgjdbc does not speak OAuth, and no other method is allowed");
        }
    }

    private void scramKeys() {
        for (Keyword keyword : List.of(Keyword.SCRAM_CLIENT_KEY, Keyword.SCRAM_SERVER_KEY)) {
            if (values.apply(keyword) != null) {
                throw unsupported(keyword, "pgjdbc takes a password only");
            }
        }
    }

    private void protocolVersions() {
        int min = protocolVersion(Keyword.MIN_PROTOCOL_VERSION, 0);
        int max = protocolVersion(Keyword.MAX_PROTOCOL_VERSION, min > 0 ? 2 : 0);
        if (min > max) {
            throw new InvalidConnInfoException("\"min_protocol_version\" is greater than \"max_protocol_version\"");
        }
    }

    private int protocolVersion(Keyword keyword, int otherwise) {
        String value = values.apply(keyword);
        if (value == null) {
            return otherwise;
        }
        return switch (value) {
            case "3.0" -> 0;
            case "3.2", "latest" -> 2;
            default -> throw new InvalidConnInfoException("invalid " + keyword + " value: \"" + value + '"');
        };
    }

    private void numbers() {
        for (Keyword keyword : List.of(
                Keyword.CONNECT_TIMEOUT,
                Keyword.KEEPALIVES,
                Keyword.KEEPALIVES_IDLE,
                Keyword.KEEPALIVES_INTERVAL,
                Keyword.KEEPALIVES_COUNT,
                Keyword.TCP_USER_TIMEOUT)) {
            String value = values.apply(keyword);
            if (value != null) {
                Numbers.parse(value, keyword);
            }
        }
    }

    private void ports() {
        for (String port : text(Keyword.PORT).split(",", -1)) {
            int number = port.isEmpty() ? 5432 : Numbers.parse(port, Keyword.PORT);
            if (number < 1 || number > 65535) {
                throw new InvalidConnInfoException("invalid port number: \"" + port + '"');
            }
        }
    }

    private void socket() {
        if (!text(Keyword.REQUIREPEER).isEmpty()) {
            throw unsupported(Keyword.REQUIREPEER, "the peer of a Unix-domain socket cannot be asked for its name");
        }
        if (text(Keyword.GSSENCMODE).equals("require")) {
            throw new InvalidConnInfoException(
                    "GSSAPI encryption required but it is not supported over a local socket");
        }
    }

    private void whatPgjdbcCannotDo() {
        if (text(Keyword.SSLCERTMODE).equals("require")) {
            throw unsupported(Keyword.SSLCERTMODE, "Java does not tell whether the server asked for the certificate");
        }
        String encoding = ENCODING_NOISE
                .matcher(text(Keyword.CLIENT_ENCODING).toLowerCase(Locale.ROOT))
                .replaceAll("");
        if (!Set.of("", "utf8", "unicode", "auto").contains(encoding)) {
            throw unsupported(Keyword.CLIENT_ENCODING, "pgjdbc speaks UTF8 only; leave it out");
        }
        if (text(Keyword.GSSDELEGATION).startsWith("1")) {
            throw unsupported(Keyword.GSSDELEGATION, "pgjdbc does not delegate credentials");
        }
        for (Keyword keyword : List.of(
                Keyword.OAUTH_ISSUER,
                Keyword.OAUTH_CLIENT_ID,
                Keyword.OAUTH_CLIENT_SECRET,
                Keyword.OAUTH_SCOPE,
                Keyword.OAUTH_CA_FILE)) {
            if (!text(keyword).isEmpty()) {
                throw unsupported(keyword, "pgjdbc does not speak OAuth");
            }
        }
    }

    private static InvalidConnInfoException unsupported(Keyword keyword, String why) {
        return new InvalidConnInfoException(
                "connection option \"" + keyword + "\" cannot be honoured as it is set: " + why);
    }

    private String text(Keyword keyword) {
        String value = values.apply(keyword);
        return value == null ? "" : value;
    }
}
