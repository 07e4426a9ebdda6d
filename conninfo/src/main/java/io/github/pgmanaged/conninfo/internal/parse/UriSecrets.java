package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What of a URI must not be shown. */
public final class UriSecrets {
    public static final String MASK = "***";

    private static final List<String> SECRET_WORDS = Arrays.stream(Keyword.values())
            .filter(Keyword::isSecret)
            .map(Keyword::word)
            .toList();

    private static final Pattern SETS_SECRET =
            Pattern.compile("(" + String.join("|", SECRET_WORDS) + ")\\s*=", Pattern.CASE_INSENSITIVE);

    private final String uri;
    private final int authority;
    private final boolean doubtful;

    UriSecrets(String uri) {
        this.uri = uri;
        this.authority = UriParser.prefix(uri);
        this.doubtful = doubt();
    }

    /**
     * Whether a part of a password may be taken for something else, because a special character in it is not
     * percent-encoded: libpq then reads a host, port, database or parameter that nobody meant.
     */
    boolean isDoubtful() {
        return doubtful;
    }

    /**
     * Whether a word that should have been a keyword may hold a secret: a password with its user and host, as in a URI
     * whose scheme is misspelt, or one that follows its keyword without the {@code =} between them.
     */
    static boolean mayHoldOne(String word) {
        String lower = lenientlyDecoded(word).toLowerCase(Locale.ROOT);
        int scheme = lower.indexOf("://");
        return lower.indexOf('@') >= 0
                || (scheme >= 0 && lower.indexOf(':', scheme + 1) >= 0)
                || (lower.startsWith("postgres") && lower.indexOf(':') >= 0 && scheme < 0)
                || (namesOne(lower) && Keyword.of(lower).isEmpty());
    }

    /** Whether the text sets a secret, as {@code options='-c my.password=...'} does, or a quote too many. */
    static boolean setsOne(String text) {
        return text.indexOf('=') >= 0 && SETS_SECRET.matcher(text).find();
    }

    /** Whether the text holds the keyword of a secret. */
    static boolean namesOne(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return SECRET_WORDS.stream().anyMatch(lower::contains);
    }

    private static String lenientlyDecoded(String word) {
        try {
            return PercentDecoder.decode(word, true);
        } catch (InvalidConnInfoException e) {
            return word;
        }
    }

    /** The URI with its secrets cut out. */
    String masked() {
        String prefix = uri.substring(0, authority);
        if (doubtful) {
            return prefix + MASK;
        }
        int at = uri.indexOf('@', authority);
        int slash = end(authority, '/', uri.length());
        String userInfo = "";
        int rest = authority;
        if (at >= 0 && at < slash) {
            int colon = uri.indexOf(':', authority);
            userInfo = colon >= 0 && colon < at
                    ? uri.substring(authority, colon + 1) + MASK
                    : uri.substring(authority, at);
            rest = at;
        }
        return prefix + userInfo + withoutSecretParameters(uri.substring(rest));
    }

    private boolean doubt() {
        int slash = end(authority, '/', uri.length());
        int firstAt = uri.indexOf('@', authority);
        if (firstAt < 0) {
            return false;
        }
        if (firstAt < slash) {
            // More than one @ before the query: the password holds an @, or a / before the real one.
            int query = end(slash, '?', uri.length());
            int secondAt = uri.indexOf('@', firstAt + 1);
            return (secondAt >= 0 && secondAt < query) || strayAt(query);
        }
        int query = end(authority, '?', uri.length());
        return firstAt < query || strayAt(query);
    }

    /** Whether there is an @ in a parameter of the query that is not {@code keyword=value}. */
    private boolean strayAt(int query) {
        boolean inValue = false;
        for (int i = query + 1; i < uri.length(); i++) {
            char c = uri.charAt(i);
            if (c == '@' && !inValue) {
                return true;
            }
            inValue = c == '=' || (inValue && c != '&');
        }
        return false;
    }

    /** Cuts what is or may be a secret out of the parameters, and out of what stands before them by mistake. */
    private static String withoutSecretParameters(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        boolean afterSecret = false;
        int begin = 0;
        while (begin < text.length()) {
            int end = begin + 1;
            while (end < text.length() && text.charAt(end) != '&' && text.charAt(end) != '?') {
                end++;
            }
            String piece = text.substring(begin, end);
            int equals = piece.indexOf('=');
            int endOfWord = equals < 0 ? piece.length() : equals;
            String word = lenientlyDecoded(piece.substring(Math.min(1, endOfWord), endOfWord));
            boolean known = equals >= 0 && Keyword.of(word).isPresent();
            boolean secret = namesOne(lenientlyDecoded(piece));
            if (secret && known) {
                shown.append(piece, 0, equals + 1).append(MASK);
            } else if (secret || (afterSecret && !known)) {
                shown.append(piece, 0, 1).append(MASK);
            } else {
                shown.append(piece);
            }
            afterSecret = secret;
            begin = end;
        }
        return shown.toString();
    }

    private int end(int from, char c, int otherwise) {
        int index = uri.indexOf(c, from);
        return index < 0 ? otherwise : index;
    }
}
