package io.github.pgmanaged.internal.fence;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The little that has to be known of a statement's text. */
public final class SqlText {
    private static final int SHOWN = 200;
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

    /** The first word of the first statement that is not empty; none if that begins with something else. */
    private static String verb(@Nullable String sql) {
        if (sql == null) {
            return "";
        }
        SqlScanner scanner = new SqlScanner(sql, true);
        SqlScanner.Token token;
        do {
            token = scanner.next();
        } while (scanner.isSign(';'));
        return token == SqlScanner.Token.WORD ? scanner.word() : "";
    }
}
