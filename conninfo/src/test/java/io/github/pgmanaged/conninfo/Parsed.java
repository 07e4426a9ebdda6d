package io.github.pgmanaged.conninfo;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer to a connection string, libpq's or ours: either what it says or why it is refused.
 *
 * @param values the keywords that are set, in the order in which they were given here; null if refused
 * @param error the message, without a newline at its end; null if accepted
 */
record Parsed(
        @Nullable Map<String, String> values, @Nullable String error) {
    static Parsed of(Map<String, String> values) {
        return new Parsed(Collections.unmodifiableMap(new LinkedHashMap<>(values)), null);
    }

    static Parsed refused(String error) {
        return new Parsed(null, error);
    }

    boolean accepted() {
        return values != null;
    }

    /** Whether libpq's bytes were not UTF-8 somewhere: nothing in the tests holds the replacement character itself. */
    boolean hasUndecodableBytes() {
        return toString().indexOf('\uFFFD') >= 0;
    }
}
