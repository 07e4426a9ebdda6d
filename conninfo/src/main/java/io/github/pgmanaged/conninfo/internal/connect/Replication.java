package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.internal.parse.ParsedConnInfo;
import java.util.Locale;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Sessions that stream the server's log.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-replication.html">PostgreSQL manual, "Streaming
 *     Replication Protocol"</a>
 */
public final class Replication {
    private Replication() {}

    /** Whether a string asks for a session that streams the whole log, and knows no SQL. */
    public static boolean isPhysical(ParsedConnInfo conninfo) {
        if (!conninfo.isJdbcUrl()) {
            return isTrue(conninfo.values().get("replication"));
        }
        Properties properties = Driver.parseURL(conninfo.text(), null);
        return properties != null && isTrue(PGProperty.REPLICATION.getOrDefault(properties));
    }

    /** As the server reads it. */
    static boolean isTrue(@Nullable String value) {
        String word = value == null ? "" : value.toLowerCase(Locale.ROOT);
        return !word.isEmpty()
                && ("true".startsWith(word) || "yes".startsWith(word) || word.equals("on") || word.equals("1"));
    }
}
