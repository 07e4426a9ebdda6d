package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;
import java.nio.charset.StandardCharsets;

/**
 * Reads {@code postgres[ql]://[user[:password]@][host[:port]][,...][/dbname][?keyword=value&...]}, as libpq's
 * {@code conninfo_uri_parse} does.
 */
final class UriParser {
    private final String uri;
    private final UriSecrets secrets;
    private final ConnInfoValues values = new ConnInfoValues();
    private int at;

    private UriParser(String uri) {
        this.uri = uri;
        this.secrets = new UriSecrets(uri);
    }

    static ConnInfoValues parse(String uri) {
        UriParser parser = new UriParser(uri);
        parser.at = prefix(uri);
        parser.userInfo();
        parser.hosts();
        parser.database();
        parser.parameters();
        return parser.values;
    }

    /** How long the URI's prefix is; 0 if the string is no URI. */
    static int prefix(String text) {
        return text.startsWith("postgresql://")
                ? "postgresql://".length()
                : text.startsWith("postgres://") ? "postgres://".length() : 0;
    }

    private void userInfo() {
        int end = next(at, "@/");
        if (peek(end) != '@') {
            return;
        }
        int colon = next(at, ":@");
        set(Keyword.USER, uri.substring(at, colon));
        if (colon < end) {
            set(Keyword.PASSWORD, uri.substring(colon + 1, end));
        }
        at = end + 1;
    }

    private void hosts() {
        StringBuilder hosts = new StringBuilder();
        StringBuilder ports = new StringBuilder();
        while (true) {
            hosts.append(peek(at) == '[' ? bracketed() : upTo(":/?,"));
            if (peek(at) == ':') {
                at++;
                ports.append(upTo("/?,"));
            }
            if (peek(at) != ',') {
                break;
            }
            at++;
            hosts.append(',');
            ports.append(',');
        }
        set(Keyword.HOST, hosts.toString());
        set(Keyword.PORT, ports.toString());
    }

    private String bracketed() {
        int begin = at + 1;
        int end = next(begin, "]");
        if (end == uri.length()) {
            throw new InvalidConnInfoException(
                    "end of string reached when looking for matching \"]\" in IPv6 host address in URI: \""
                            + secrets.masked() + '"');
        }
        if (end == begin) {
            throw new InvalidConnInfoException(
                    "IPv6 host address may not be empty in URI: \"" + secrets.masked() + '"');
        }
        at = end + 1;
        if (at < uri.length() && ":/?,".indexOf(uri.charAt(at)) < 0) {
            // libpq counts bytes.
            int position = uri.substring(0, at).getBytes(StandardCharsets.UTF_8).length + 1;
            String found = Character.toString(uri.codePointAt(at));
            throw new InvalidConnInfoException("unexpected character \"" + found + "\" at position " + position
                    + " in URI (expected \":\" or \"/\"): \"" + secrets.masked() + '"');
        }
        return uri.substring(begin, end);
    }

    private void database() {
        if (peek(at) == '/') {
            at++;
            set(Keyword.DBNAME, upTo("?"));
        }
    }

    private void parameters() {
        if (at >= uri.length()) {
            return;
        }
        at++;
        boolean afterSecret = false;
        while (at < uri.length()) {
            int end = next(at, "&");
            afterSecret = parameter(uri.substring(at, end), afterSecret);
            at = end + 1;
        }
    }

    /** Takes one {@code keyword=value}, and tells whether what follows may be the rest of a secret. */
    private boolean parameter(String parameter, boolean afterSecret) {
        int equals = parameter.indexOf('=');
        String rawWord = equals < 0 ? parameter : parameter.substring(0, equals);
        boolean hidden = afterSecret || secrets.isDoubtful() || UriSecrets.mayHoldOne(rawWord);
        if (equals < 0) {
            throw refused("missing key/value separator \"=\" in URI query parameter: ", rawWord, hidden);
        }
        if (parameter.indexOf('=', equals + 1) >= 0) {
            throw refused("extra key/value separator \"=\" in URI query parameter: ", rawWord, hidden);
        }
        String word = PercentDecoder.decode(rawWord, hidden);
        boolean secret = Keyword.of(word).map(Keyword::isSecret).orElse(false);
        String value = PercentDecoder.decode(parameter.substring(equals + 1), hidden || secret);
        if (word.equals("ssl") && value.equals("true")) {
            // pgjdbc's spelling; libpq takes it too.
            values.put(Keyword.SSLMODE.word(), "require");
        } else if (!values.put(word, value)) {
            throw refused("invalid URI query parameter: ", word, hidden, Spelling.hint(word));
        }
        return secret;
    }

    private static InvalidConnInfoException refused(String message, String word, boolean hidden) {
        return refused(message, word, hidden, "");
    }

    private static InvalidConnInfoException refused(String message, String word, boolean hidden, String hint) {
        return new InvalidConnInfoException(
                hidden
                        ? message + '"' + UriSecrets.MASK
                                + "\" (not shown, since it may belong to a secret: percent-encode"
                                + " the characters @ / ? & = and % of a password)"
                        : message + '"' + word + '"' + hint);
    }

    private void set(Keyword keyword, String encoded) {
        if (!encoded.isEmpty()) {
            boolean hidden = keyword.isSecret()
                    || secrets.isDoubtful()
                    || UriSecrets.mayHoldOne(encoded)
                    // What follows a user's name without an @ later on is read as a port.
                    || (keyword == Keyword.PORT && encoded.chars().anyMatch(Character::isLetter));
            values.put(keyword.word(), PercentDecoder.decode(encoded, hidden));
        }
    }

    private String upTo(String ends) {
        int begin = at;
        at = next(at, ends);
        return uri.substring(begin, at);
    }

    private int next(int from, String ends) {
        int i = from;
        while (i < uri.length() && ends.indexOf(uri.charAt(i)) < 0) {
            i++;
        }
        return i;
    }

    /** The character there, or one that is in no string, past the end. */
    private char peek(int index) {
        return index < uri.length() ? uri.charAt(index) : '\0';
    }
}
