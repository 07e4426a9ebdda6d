package io.github.pgmanaged.internal.fence;

import java.util.Locale;

/**
 * Steps through a text of SQL, token by token, as PostgreSQL's own scanner splits it: comments that nest, strings with
 * and without backslashes, dollar quotes, quoted names. In linear time and constant stack, whatever the text is; a
 * quote or comment that does not end goes on to the end of the text.
 *
 * <p>Thread safety: none.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">PostgreSQL manual, "Lexical
 *     Structure"</a>
 */
final class SqlScanner {
    /** Kinds of tokens. */
    enum Token {
        /** A keyword or a name without quotes. */
        WORD,
        /** A name in double quotes. */
        QUOTED_NAME,
        /** A string of any kind. */
        STRING,
        /** A number, or a parameter such as {@code $1}. */
        NUMBER,
        /** Any other single character. */
        SIGN,
        /** There is no further token. */
        END
    }

    private final String sql;
    private final boolean backslashes;
    private int start;
    private int end;
    private Token token = Token.END;

    /**
     * Before the first token.
     *
     * @param standardStrings the server's {@code standard_conforming_strings}: whether a backslash in a plain string is
     *     a backslash
     */
    SqlScanner(String sql, boolean standardStrings) {
        this.sql = sql;
        this.backslashes = !standardStrings;
    }

    /** Steps to the next token. */
    Token next() {
        skipBlanks();
        start = end;
        token = end == sql.length() ? Token.END : scan(sql.charAt(end));
        return token;
    }

    /** The first character of a token that there is; a letter of a word in lower case. */
    char first() {
        char c = sql.charAt(start);
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }

    /** Whether the token is this word, in whichever case. */
    boolean isWord(String word) {
        return token == Token.WORD
                && end - start == word.length()
                && sql.regionMatches(true, start, word, 0, end - start);
    }

    /** Whether the token is this name: a word in whichever case, or exactly so in quotes. */
    boolean isName(String name) {
        return token == Token.QUOTED_NAME
                ? end - start - 2 == name.length() && sql.startsWith(name, start + 1)
                : isWord(name);
    }

    /** Whether the token is a name, with quotes or without, that begins so. */
    boolean isNameBeginning(String prefix) {
        return token == Token.QUOTED_NAME
                ? end - start - 2 >= prefix.length() && sql.startsWith(prefix, start + 1)
                : token == Token.WORD
                        && end - start >= prefix.length()
                        && sql.regionMatches(true, start, prefix, 0, prefix.length());
    }

    /** Whether this is somewhere in the token, in whichever case. */
    boolean contains(String part) {
        for (int i = start; i <= end - part.length(); i++) {
            if (sql.regionMatches(true, i, part, 0, part.length())) {
                return true;
            }
        }
        return false;
    }

    /** Whether the token is this sign. */
    boolean isSign(char sign) {
        return token == Token.SIGN && sql.charAt(start) == sign;
    }

    /** The name that the token is, as the server has it: without its quotes, and in lower case if it has none. */
    String name() {
        return token == Token.QUOTED_NAME
                ? sql.substring(start + 1, Math.max(start + 1, end - 1)).replace("\"\"", "\"")
                : sql.substring(start, end).toLowerCase(Locale.ROOT);
    }

    /** The word in upper case. */
    String word() {
        return sql.substring(start, end).toUpperCase(Locale.ROOT);
    }

    private Token scan(char c) {
        if (isNameStart(c)) {
            return scanName(c);
        }
        if (c == '\'') {
            end++;
            skipString(backslashes);
            return Token.STRING;
        }
        if (c == '"') {
            skipQuotes('"');
            return Token.QUOTED_NAME;
        }
        if (c == '$') {
            return scanDollar();
        }
        end++;
        if (isDigit(c)) {
            skipNumber();
            return Token.NUMBER;
        }
        return Token.SIGN;
    }

    private Token scanName(char first) {
        do {
            end++;
        } while (end < sql.length() && isNamePart(sql.charAt(end)));
        if (end - start == 1 && end < sql.length() && sql.charAt(end) == '\'') {
            if (first == 'e' || first == 'E') {
                end++;
                skipString(true);
                return Token.STRING;
            }
            if ("bBxX".indexOf(first) >= 0) {
                end++;
                skipString(false);
                return Token.STRING;
            }
            if (first == 'n' || first == 'N') {
                end++;
                skipString(backslashes);
                return Token.STRING;
            }
        }
        return Token.WORD; // U&'...' is a word, a sign and a string
    }

    /** A string's backslash takes the next character with it. */
    private void skipString(boolean withBackslashes) {
        while (end < sql.length()) {
            char c = sql.charAt(end++);
            if (c == '\\' && withBackslashes) {
                end = Math.min(end + 1, sql.length());
            } else if (c == '\'') {
                if (end == sql.length() || sql.charAt(end) != '\'') {
                    return;
                }
                end++;
            }
        }
    }

    /**
     * Two quotes in a row are one that does not end it; so they read as the end of one and the beginning of another.
     */
    private void skipQuotes(char quote) {
        do {
            int closing = sql.indexOf(quote, end + 1);
            end = closing < 0 ? sql.length() : closing + 1;
        } while (end < sql.length() && sql.charAt(end) == quote);
    }

    private Token scanDollar() {
        int tagEnd = end + 1;
        if (tagEnd < sql.length() && isDigit(sql.charAt(tagEnd))) {
            end = tagEnd;
            skipNumber();
            return Token.NUMBER;
        }
        while (tagEnd < sql.length()
                && (tagEnd == end + 1 ? isNameStart(sql.charAt(tagEnd)) : isTagPart(sql.charAt(tagEnd)))) {
            tagEnd++;
        }
        if (tagEnd == sql.length() || sql.charAt(tagEnd) != '$') {
            end++;
            return Token.SIGN;
        }
        String quote = sql.substring(end, tagEnd + 1);
        int closing = sql.indexOf(quote, tagEnd + 1);
        end = closing < 0 ? sql.length() : closing + quote.length();
        return Token.STRING;
    }

    private void skipNumber() {
        while (end < sql.length() && (isDigit(sql.charAt(end)) || sql.charAt(end) == '.')) {
            end++;
        }
    }

    private void skipBlanks() {
        while (end < sql.length()) {
            char c = sql.charAt(end);
            if (isBlank(c)) {
                end++;
            } else if (c == '-' && sql.startsWith("--", end)) {
                skipLine();
            } else if (c == '/' && sql.startsWith("/*", end)) {
                skipComment();
            } else {
                return;
            }
        }
    }

    private void skipLine() {
        while (end < sql.length() && sql.charAt(end) != '\n' && sql.charAt(end) != '\r') {
            end++;
        }
    }

    private void skipComment() {
        int depth = 0;
        do {
            if (sql.startsWith("/*", end)) {
                depth++;
                end += 2;
            } else if (sql.startsWith("*/", end)) {
                depth--;
                end += 2;
            } else {
                end++;
            }
        } while (depth > 0 && end < sql.length());
    }

    private static boolean isBlank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 128;
    }

    private static boolean isTagPart(char c) {
        return isNameStart(c) || isDigit(c);
    }

    private static boolean isNamePart(char c) {
        return isTagPart(c) || c == '$';
    }
}
