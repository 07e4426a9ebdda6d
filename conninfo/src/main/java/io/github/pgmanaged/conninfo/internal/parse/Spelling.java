package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.Keyword;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What somebody may have meant who wrote a word that is no keyword. */
public final class Spelling {
    private static final String URI = " (a URI begins with postgres:// or postgresql://)";

    /** What other libraries and tools call it, without what joins the words. */
    private static final Map<String, Keyword> ELSEWHERE = Map.ofEntries(
            Map.entry("database", Keyword.DBNAME),
            Map.entry("databasename", Keyword.DBNAME),
            Map.entry("db", Keyword.DBNAME),
            Map.entry("server", Keyword.HOST),
            Map.entry("servername", Keyword.HOST),
            Map.entry("username", Keyword.USER),
            Map.entry("uid", Keyword.USER),
            Map.entry("role", Keyword.USER),
            Map.entry("pwd", Keyword.PASSWORD),
            Map.entry("pass", Keyword.PASSWORD),
            Map.entry("pgpass", Keyword.PASSFILE),
            Map.entry("passwordfile", Keyword.PASSFILE),
            Map.entry("timeout", Keyword.CONNECT_TIMEOUT),
            Map.entry("logintimeout", Keyword.CONNECT_TIMEOUT),
            Map.entry("ssl", Keyword.SSLMODE),
            Map.entry("charset", Keyword.CLIENT_ENCODING),
            Map.entry("encoding", Keyword.CLIENT_ENCODING),
            Map.entry("schema", Keyword.OPTIONS),
            Map.entry("currentschema", Keyword.OPTIONS),
            Map.entry("searchpath", Keyword.OPTIONS),
            Map.entry("targetservertype", Keyword.TARGET_SESSION_ATTRS));

    private Spelling() {}

    /** The end of a message about a word that is no keyword; empty if nothing is like it. */
    public static String hint(String word) {
        Keyword meant = meant(word);
        return meant == null ? "" : " (did you mean \"" + meant.word() + "\"?)";
    }

    /** The end of a message about a word that has no {@code =}; empty if it is not like a URI. */
    static String uriHint(String word) {
        return word.indexOf('/') >= 0 || word.indexOf(':') >= 0 ? URI : "";
    }

    private static @Nullable Keyword meant(String word) {
        String plain = plain(word);
        Keyword elsewhere = ELSEWHERE.get(plain);
        if (elsewhere != null) {
            return elsewhere;
        }
        Keyword best = null;
        // One slip in a short word, two in a long one.
        int least = plain.length() < 4 ? 1 : plain.length() < 8 ? 2 : 3;
        for (Keyword keyword : Keyword.values()) {
            int slips = slips(plain, plain(keyword.word()));
            if (slips < least) {
                least = slips;
                best = keyword;
            }
        }
        return best;
    }

    private static String plain(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[_.-]", "");
    }

    /** How many letters are wrong, missing, too many, or exchanged with the next one. */
    private static int slips(String one, String other) {
        int[][] slips = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                if (i == 0 || j == 0) {
                    slips[i][j] = i + j;
                    continue;
                }
                int same = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                int least = Math.min(slips[i - 1][j - 1] + same, 1 + Math.min(slips[i - 1][j], slips[i][j - 1]));
                boolean exchanged = i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1);
                slips[i][j] = exchanged ? Math.min(least, slips[i - 2][j - 2] + 1) : least;
            }
        }
        return slips[one.length()][other.length()];
    }
}
