package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection string taken apart, in whichever of the three forms it is.
 *
 * <p>Thread safety: immutable.
 */
public final class ParsedConnInfo {
    private final String text;
    private final Map<String, String> values;
    private final String display;

    private ParsedConnInfo(String text, Map<String, String> values, String display) {
        this.text = text;
        this.values = values;
        this.display = display;
    }

    /**
     * Parses a string.
     *
     * @throws InvalidConnInfoException if it cannot be understood; the message is libpq's
     */
    public static ParsedConnInfo parse(@Nullable String text) {
        if (text == null) {
            throw new InvalidConnInfoException("the connection string is null");
        }
        if (text.indexOf('\0') >= 0) {
            throw new InvalidConnInfoException("the connection string holds a NUL character");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new InvalidConnInfoException("the connection string holds half of a surrogate pair");
        }
        if (JdbcUrl.is(text)) {
            JdbcUrl.check(text);
            return new ParsedConnInfo(text, Map.of(), JdbcUrl.shown(text));
        }
        if (UriParser.prefix(text) > 0) {
            Map<String, String> values = UriParser.parse(text).toMap();
            return new ParsedConnInfo(text, values, Display.ofUri(text, values));
        }
        Map<String, String> values = KeyValueParser.parse(text).toMap();
        return new ParsedConnInfo(text, values, Display.ofKeyValues(values));
    }

    /** By libpq's keywords and in its order; empty for a {@code jdbc:postgresql:} URL. */
    public Map<String, String> values() {
        return values;
    }

    public boolean isJdbcUrl() {
        return JdbcUrl.is(text);
    }

    /** Whether it is a URI with characters that should have been percent-encoded. */
    public boolean isDoubtful() {
        return UriParser.prefix(text) > 0 && new UriSecrets(text).isDoubtful();
    }

    /** The same for another user; null leaves what is set. */
    public ParsedConnInfo as(@Nullable String user, @Nullable String password) {
        Map<Keyword, String> set = new EnumMap<>(Keyword.class);
        if (user != null) {
            set.put(Keyword.USER, user);
        }
        if (password != null) {
            set.put(Keyword.PASSWORD, password);
        }
        return with(set);
    }

    /** The same with values that go before those of the string. */
    public ParsedConnInfo with(Map<Keyword, String> set) {
        if (set.isEmpty()) {
            return this;
        }
        Map<Keyword, String> changed = new EnumMap<>(Keyword.class);
        values.forEach((word, value) -> Keyword.of(word).ifPresent(keyword -> changed.put(keyword, value)));
        changed.putAll(set);
        Map<String, String> ordered = new LinkedHashMap<>();
        changed.forEach((keyword, value) -> ordered.put(keyword.word(), value));
        return new ParsedConnInfo(text, Collections.unmodifiableMap(ordered), display);
    }

    /** The same with another {@code fallback_application_name}, unless it has one; null leaves what is set. */
    public ParsedConnInfo withFallbackApplicationName(@Nullable String name) {
        if (name == null) {
            return this;
        }
        Map<String, String> changed = new LinkedHashMap<>(values);
        changed.putIfAbsent(Keyword.FALLBACK_APPLICATION_NAME.word(), name);
        return new ParsedConnInfo(text, Collections.unmodifiableMap(changed), display);
    }

    /** The string as it was given, secrets and all. */
    public String text() {
        return text;
    }

    /** The string without its secrets. */
    @Override
    public String toString() {
        return display;
    }
}
