package io.github.pgmanaged.internal.fence;

import org.jspecify.annotations.Nullable;

/**
 * The texts lately sent in a session that leave nothing in it: most texts come again, and need no second look. Each has
 * one place, from which the next one there drives it out.
 *
 * <p>Thread safety: safe; a text that is missed is looked at again.
 */
public final class HarmlessTexts {
    private static final int PLACES = 256;

    /** What is longer is rarely sent twice. */
    private static final int LONGEST = 4096;

    private final @Nullable String[] texts = new @Nullable String[PLACES];

    boolean contains(String sql) {
        return sql.equals(texts[place(sql)]);
    }

    void add(String sql) {
        if (sql.length() <= LONGEST) {
            texts[place(sql)] = sql;
        }
    }

    private static int place(String sql) {
        int hash = sql.hashCode();
        return (hash ^ (hash >>> 16)) & (PLACES - 1);
    }
}
