package io.github.pgmanaged.conninfo;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parsed connection string: libpq's keyword/value form ({@code host=localhost dbname=a}), libpq's URI form
 * ({@code postgres://localhost/a}), or a {@code jdbc:postgresql:} URL, which is passed to pgjdbc untouched.
 *
 * <p>It holds what the string itself says. What the environment, the service file and the defaults add is in
 * {@link #resolve(Environment)}.
 *
 * <p>Thread safety: immutable.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING">PostgreSQL manual,
 *     "Connection Strings"</a>
 */
public final class ConnInfo {
    private final String text;
    private final Map<String, String> values;
    private final String display;

    private ConnInfo(String text, Map<String, String> values, String display) {
        this.text = text;
        this.values = values;
        this.display = display;
    }

    /**
     * Parses a connection string with libpq's grammar. Nothing is looked up and nothing is connected; a value that no
     * server could like is found by {@link #resolve(Environment)}.
     *
     * @param conninfo the string; the empty one leaves everything to the environment and the defaults
     * @return what it says
     * @throws InvalidConnInfoException if it cannot be understood; the message is libpq's
     */
    public static ConnInfo parse(String conninfo) {
        if (conninfo == null) {
            throw new InvalidConnInfoException("the connection string is null");
        }
        if (conninfo.indexOf('\0') >= 0) {
            throw new InvalidConnInfoException("the connection string holds a NUL character");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(conninfo)) {
            throw new InvalidConnInfoException("the connection string holds half of a surrogate pair");
        }
        if (JdbcUrl.is(conninfo)) {
            JdbcUrl.check(conninfo);
            return new ConnInfo(conninfo, Map.of(), JdbcUrl.shown(conninfo));
        }
        if (UriParser.prefix(conninfo) > 0) {
            Map<String, String> values = UriParser.parse(conninfo).toMap();
            return new ConnInfo(conninfo, values, Display.ofUri(conninfo, values));
        }
        Map<String, String> values = KeyValueParser.parse(conninfo).toMap();
        return new ConnInfo(conninfo, values, Display.ofKeyValues(values));
    }

    /**
     * What the string itself sets, by libpq's keywords and in libpq's order, as {@code PQconninfoParse} gives it; empty
     * for a {@code jdbc:postgresql:} URL.
     *
     * @return an unmodifiable map; it holds secrets as they are
     */
    public Map<String, String> values() {
        return values;
    }

    /**
     * Whether the string is a {@code jdbc:postgresql:} URL, of which only pgjdbc knows what it means.
     *
     * @return whether it is one
     */
    public boolean isJdbcUrl() {
        return JdbcUrl.is(text);
    }

    /**
     * Works out where the string leads: what it does not set comes from the service file, then from the environment,
     * then from the defaults. Service and password files are read; no name is looked up and nothing is connected.
     *
     * @param environment where the rest comes from
     * @return the values with their sources, and the candidates
     * @throws InvalidConnInfoException if a value is not valid or cannot be honoured, the service is not found, or the
     *     string is a {@code jdbc:postgresql:} URL; the message is libpq's where it has one
     */
    public Resolution resolve(Environment environment) {
        if (isJdbcUrl()) {
            throw new InvalidConnInfoException("a jdbc:postgresql: URL is resolved by pgjdbc, not by libpq's rules");
        }
        return Resolver.resolve(this, environment);
    }

    /** The same for another user; null leaves what is set. */
    ConnInfo as(@Nullable String user, @Nullable String password) {
        if (user == null && password == null) {
            return this;
        }
        Map<String, String> changed = new LinkedHashMap<>(values);
        if (user != null) {
            changed.put(Keyword.USER.word(), user);
        }
        if (password != null) {
            changed.put(Keyword.PASSWORD.word(), password);
        }
        return new ConnInfo(text, Collections.unmodifiableMap(changed), display);
    }

    /** Whether it is a URI with characters that should have been percent-encoded. */
    boolean isDoubtful() {
        return UriParser.prefix(text) > 0 && new UriSecrets(text).isDoubtful();
    }

    /** The string as it was given, secrets and all. */
    String text() {
        return text;
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
}
