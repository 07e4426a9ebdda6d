package io.github.pgmanaged.internal.fence;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The little that has to be known of a statement's text. */
public final class SqlText {
    private static final int SHOWN = 200;
    private static final Pattern NOISE = Pattern.compile("(?s)\\A(?:\\s|--[^\\n]*(?:\\n|\\z)|/\\*.*?\\*/)+");
    private static final Pattern PASSWORD = Pattern.compile("(?i)password");
    private static final Pattern USER_INFO = Pattern.compile("//\\S*@");

    private SqlText() {}

    static boolean isCommit(@Nullable String sql) {
        String verb = verb(sql);
        return verb.equals("COMMIT") || verb.equals("END");
    }

    static boolean isRollback(@Nullable String sql) {
        String verb = verb(sql);
        return verb.equals("ROLLBACK") || verb.equals("ABORT");
    }

    /**
     * A statement as it may be shown: on one line, shortened, and cut where a password may follow.
     *
     * @param sql a statement's text
     * @return text for a message
     */
    public static String shown(String sql) {
        String text = sql.strip().replaceAll("\\s+", " ");
        var password = PASSWORD.matcher(text);
        if (password.find()) {
            text = text.substring(0, password.end()) + " ...";
        }
        text = USER_INFO.matcher(text).replaceAll("//***@");
        return text.length() > SHOWN ? text.substring(0, SHOWN) + " ..." : text;
    }

    /** Whether a text had better not be logged. */
    public static boolean mayHoldPassword(String text) {
        return PASSWORD.matcher(text).find();
    }

    private static String verb(@Nullable String sql) {
        if (sql == null) {
            return "";
        }
        String text = NOISE.matcher(sql).replaceFirst("");
        int end = 0;
        while (end < text.length() && Character.isLetter(text.charAt(end))) {
            end++;
        }
        return text.substring(0, end).toUpperCase(Locale.ROOT);
    }
}
