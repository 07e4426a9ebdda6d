package io.github.pgmanaged.conninfo;

/** Whole numbers as libpq's {@code pqParseIntParam} reads them: blanks around, an optional sign, 32 bits. */
final class Numbers {
    private Numbers() {}

    static int parse(String value, Keyword keyword) {
        int begin = 0;
        int end = value.length();
        while (begin < end && KeyValueParser.isSpace(value.charAt(begin))) {
            begin++;
        }
        while (end > begin && KeyValueParser.isSpace(value.charAt(end - 1))) {
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
