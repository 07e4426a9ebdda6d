package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;

/** Whole numbers as libpq's {@code pqParseIntParam} reads them: blanks around, an optional sign, 32 bits. */
public final class Numbers {
    private Numbers() {}

    public static int parse(String value, Keyword keyword) {
        int begin = 0;
        int end = value.length();
        while (begin < end && Blanks.isBlank(value.charAt(begin))) {
            begin++;
        }
        while (end > begin && Blanks.isBlank(value.charAt(end - 1))) {
            end--;
        }
        String digits = value.substring(begin, end);
        if (digits.matches("[+-]?[0-9]+")) {
            try {
                return Integer.parseInt(digits);
            } catch (NumberFormatException e) {
                // Out of range; below.
            }
        }
        throw new InvalidConnInfoException(
                "invalid integer value \"" + value + "\" for connection option \"" + keyword + '"');
    }
}
