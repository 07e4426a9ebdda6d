package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import org.jspecify.annotations.Nullable;

/** A {@code jdbc:libpq:} URL: the prefix, which libpq does not know, and a connection string of libpq's. */
public final class LibpqUrl {
    private static final String PREFIX = "jdbc:libpq:";

    private LibpqUrl() {}

    /** Whether a text is such a URL: as with other drivers', in lower case and without anything before it. */
    public static boolean is(@Nullable String text) {
        return text != null && text.startsWith(PREFIX);
    }

    /**
     * Parses such a URL, or a connection string without the prefix.
     *
     * @throws InvalidConnInfoException if it cannot be understood
     */
    public static ParsedConnInfo parse(@Nullable String text) {
        if (text == null || !is(text)) {
            if (isMeant(text)) {
                throw new InvalidConnInfoException("jdbc:libpq: is the prefix of a URL only in lower case and with no"
                        + " space before it; write it so, or remove it (the rest is not shown, since it may hold a"
                        + " password)");
            }
            return ParsedConnInfo.parse(text);
        }
        String conninfo = text.substring(PREFIX.length());
        if (isMeant(conninfo)) {
            throw new InvalidConnInfoException("jdbc:libpq: stands there twice; remove one of the two (the rest is not"
                    + " shown, since it may hold a password)");
        }
        if (JdbcUrl.is(conninfo)) {
            throw new InvalidConnInfoException("jdbc:libpq: takes a connection string of libpq's; a jdbc:postgresql:"
                    + " URL is for pgjdbc's own driver, without the prefix");
        }
        return ParsedConnInfo.parse(conninfo);
    }

    private static boolean isMeant(@Nullable String text) {
        return text != null && text.stripLeading().regionMatches(true, 0, PREFIX, 0, PREFIX.length());
    }
}
