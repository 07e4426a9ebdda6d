package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;

/** Reads {@code keyword=value keyword='value'}, as libpq's {@code conninfo_parse} does. */
final class KeyValueParser {
    private final String text;
    private final ConnInfoValues values = new ConnInfoValues();
    private int at;
    /** Whether the next word may be the rest of a secret that should have been quoted. */
    private boolean afterOpenSecret;

    private KeyValueParser(String text) {
        this.text = text;
    }

    static ConnInfoValues parse(String text) {
        KeyValueParser parser = new KeyValueParser(text);
        parser.skipSpace();
        while (!parser.atEnd()) {
            parser.pair();
            parser.skipSpace();
        }
        return parser.values;
    }

    private void pair() {
        int begin = at;
        while (!atEnd() && text.charAt(at) != '=' && !Blanks.isBlank(text.charAt(at))) {
            at++;
        }
        String word = text.substring(begin, at);
        skipSpace();
        if (atEnd() || text.charAt(at) != '=') {
            throw new InvalidConnInfoException("missing \"=\" after \"" + shown(word) + "\" in connection info string"
                    + hint(word, begin, Spelling.uriHint(word)));
        }
        at++;
        skipSpace();
        boolean quoted = !atEnd() && text.charAt(at) == '\'';
        String value = quoted ? quoted() : plain();
        if (!values.put(word, value)) {
            throw new InvalidConnInfoException(
                    "invalid connection option \"" + shown(word) + '"' + hint(word, begin, Spelling.hint(word)));
        }
        afterOpenSecret =
                (!quoted && Keyword.of(word).map(Keyword::isSecret).orElse(false)) || UriSecrets.setsOne(value);
    }

    private String plain() {
        StringBuilder value = new StringBuilder();
        while (!atEnd() && !Blanks.isBlank(text.charAt(at))) {
            escapedOr(value);
        }
        return value.toString();
    }

    private String quoted() {
        at++;
        StringBuilder value = new StringBuilder();
        while (true) {
            if (atEnd()) {
                throw new InvalidConnInfoException("unterminated quoted string in connection info string");
            }
            if (text.charAt(at) == '\'') {
                at++;
                return value.toString();
            }
            escapedOr(value);
        }
    }

    /** Takes one character; a backslash takes the next one as it is, and is nothing at the end. */
    private void escapedOr(StringBuilder value) {
        if (text.charAt(at) == '\\') {
            at++;
        }
        if (!atEnd()) {
            value.append(text.charAt(at));
            at++;
        }
    }

    private boolean isHidden(String word) {
        return afterOpenSecret
                || UriSecrets.mayHoldOne(word)
                // A quote inside a word comes from quotes that do not match: somewhere before it they went wrong.
                || (word.indexOf('\'') >= 0 && UriSecrets.namesOne(text.substring(0, at)));
    }

    private String shown(String word) {
        return isHidden(word) ? UriSecrets.MASK : word;
    }

    private String hint(String word, int begin, String unlessHidden) {
        if (!isHidden(word)) {
            return unlessHidden;
        }
        return " (at position " + (begin + 1) + "; not shown, since it may hold a secret: "
                + (word.indexOf(':') >= 0
                        ? "a URI begins with postgres:// or postgresql://)"
                        : "quote a value that has spaces)");
    }

    private boolean atEnd() {
        return at >= text.length();
    }

    private void skipSpace() {
        while (!atEnd() && Blanks.isBlank(text.charAt(at))) {
            at++;
        }
    }
}
