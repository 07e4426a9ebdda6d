package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.Keyword;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values while a string is read. The last one of a keyword wins, as in libpq. Not safe for threads. */
final class ConnInfoValues {
    private final Map<Keyword, String> values = new EnumMap<>(Keyword.class);

    /**
     * Sets a value.
     *
     * @return whether there is such a keyword
     */
    boolean put(String word, String value) {
        if (word.equals("requiressl")) {
            // What the keyword was before there was sslmode; libpq still takes it.
            values.put(Keyword.SSLMODE, value.startsWith("1") ? "require" : "prefer");
            return true;
        }
        Keyword keyword = Keyword.of(word).orElse(null);
        if (keyword == null) {
            return false;
        }
        values.put(keyword, value);
        return true;
    }

    @Nullable
    String get(Keyword keyword) {
        return values.get(keyword);
    }

    /** By libpq's keywords and in its order. */
    Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        values.forEach((keyword, value) -> map.put(keyword.word(), value));
        return Collections.unmodifiableMap(map);
    }
}
