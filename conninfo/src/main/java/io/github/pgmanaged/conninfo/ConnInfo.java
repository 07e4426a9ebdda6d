package io.github.pgmanaged.conninfo;

import io.github.pgmanaged.conninfo.internal.parse.LibpqUrl;
import io.github.pgmanaged.conninfo.internal.parse.ParsedConnInfo;
import io.github.pgmanaged.conninfo.internal.resolve.Resolver;
import java.util.Map;

/**
 * A parsed connection string: libpq's keyword/value form ({@code host=localhost dbname=a}), libpq's URI form
 * ({@code postgres://localhost/a}), or a {@code jdbc:postgresql:} URL, which is passed to pgjdbc untouched. Before
 * either of the first two may stand the {@code jdbc:libpq:} of {@link LibpqDriver}, which is dropped.
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
    private final ParsedConnInfo parsed;

    private ConnInfo(ParsedConnInfo parsed) {
        this.parsed = parsed;
    }

    /**
     * Parses a connection string with libpq's grammar. Nothing is looked up and nothing is connected; a value that no
     * server could like is found by {@link #resolve(Environment)}.
     *
     * @param conninfo the string, or {@code jdbc:libpq:} and the string; the empty one leaves everything to the
     *     environment and the defaults
     * @return what it says
     * @throws InvalidConnInfoException if it cannot be understood; the message is libpq's
     */
    public static ConnInfo parse(String conninfo) {
        return new ConnInfo(LibpqUrl.parse(conninfo));
    }

    /**
     * What the string itself sets, by libpq's keywords and in libpq's order, as {@code PQconninfoParse} gives it; empty
     * for a {@code jdbc:postgresql:} URL.
     *
     * @return an unmodifiable map; it holds secrets as they are
     */
    public Map<String, String> values() {
        return parsed.values();
    }

    /**
     * Whether the string is a {@code jdbc:postgresql:} URL, of which only pgjdbc knows what it means.
     *
     * @return whether it is one
     */
    public boolean isJdbcUrl() {
        return parsed.isJdbcUrl();
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
        return new Resolution(Resolver.resolve(parsed, environment));
    }

    /** The same with values that go before those of the string. */
    ConnInfo with(Map<Keyword, String> set) {
        return new ConnInfo(parsed.with(set));
    }

    ParsedConnInfo parsed() {
        return parsed;
    }

    /**
     * The string without its secrets.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        return parsed.toString();
    }
}
