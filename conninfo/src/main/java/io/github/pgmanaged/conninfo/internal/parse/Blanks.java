package io.github.pgmanaged.conninfo.internal.parse;

/** The characters that libpq takes for blanks. */
public final class Blanks {
    private Blanks() {}

    /** What C's {@code isspace} says in every locale. */
    public static boolean isBlank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
