package io.github.pgmanaged.internal.fence;

import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The little that has to be known of a statement's text. */
public final class SqlText {
    private static final int SHOWN = 200;

    /** Of a text of megabytes no more is looked at: what shows it may ask over and over. */
    private static final int LOOKED_AT = 20 * SHOWN;

    private static final Pattern PASSWORD = Pattern.compile("(?i)password");
    private static final Pattern USER_INFO = Pattern.compile("//\\S*@");
    private static final Pattern CUT_USER_INFO = Pattern.compile("//\\S*$");

    private SqlText() {}

    static boolean isRollback(@Nullable String sql) {
        String verb = verb(sql);
        return verb.equals("ROLLBACK") || verb.equals("ABORT");
    }

    /** Whether there is a statement in a text. */
    static boolean isEmpty(String sql) {
        SqlScanner scanner = new SqlScanner(sql, true);
        SqlScanner.Token token;
        do {
            token = scanner.next();
        } while (scanner.isSign(';'));
        return token == SqlScanner.Token.END;
    }

    /** Whether a COPY stands behind another statement of a text. */
    static boolean hasLaterCopy(String sql) {
        return hasLaterCopy(new SqlScanner(sql, true)) || hasLaterCopy(new SqlScanner(sql, false));
    }

    private static boolean hasLaterCopy(SqlScanner scanner) {
        boolean first = true;
        boolean begins = true;
        while (scanner.next() != SqlScanner.Token.END) {
            if (begins && !first && scanner.isWord("COPY")) {
                return true;
            }
            begins = scanner.isSign(';');
            first &= begins;
        }
        return false;
    }

    /**
     * Whether a text may have committed something when its answer was lost.
     *
     * @param open whether a transaction is open before it
     * @param failed whether that has failed
     * @param undone whether the server said that it ended the session, and so whatever was not committed by then
     */
    static boolean mayCommit(String sql, boolean open, boolean failed, boolean undone) {
        return new Statements(sql, true, open, failed, undone).mayCommit()
                || new Statements(sql, false, open, failed, undone).mayCommit();
    }

    /** The statements of a text, one after the other, and what they do to the transaction. */
    private static final class Statements {
        /** They leave nothing in the database. */
        private static final Set<String> OF_THE_SESSION = Set.of("RESET", "SET", "SHOW");

        /** They may commit in the middle. A call's escape begins with a sign. */
        private static final Set<String> PROCEDURES = Set.of("", "CALL", "DO");

        private final SqlScanner scanner;
        private final boolean undone;
        private boolean open;
        private boolean failed;
        private SqlScanner.Token token;

        Statements(String sql, boolean standardStrings, boolean open, boolean failed, boolean undone) {
            this.scanner = new SqlScanner(sql, standardStrings);
            this.open = open;
            this.failed = failed;
            this.undone = undone;
            this.token = scanner.next();
        }

        boolean mayCommit() {
            while (token != SqlScanner.Token.END) {
                if (!scanner.isSign(';') && mayCommitOne()) {
                    return true;
                }
                token = scanner.next();
            }
            return false;
        }

        /** Stops at the semicolon behind it. */
        private boolean mayCommitOne() {
            String verb = token == SqlScanner.Token.WORD ? scanner.word() : "";
            token = scanner.next();
            boolean prepared = scanner.isWord("PREPARED");
            boolean twoPhase = scanner.isWord("TRANSACTION");
            boolean to = false;
            boolean chain = false;
            boolean no = false;
            while (token != SqlScanner.Token.END && !scanner.isSign(';')) {
                to |= scanner.isWord("TO");
                no |= scanner.isWord("NO");
                chain |= scanner.isWord("CHAIN") && !no;
                token = scanner.next();
            }
            switch (verb) {
                case "BEGIN", "START" -> open = true;
                case "COMMIT", "END" -> {
                    if (prepared || (open && !failed)) {
                        return true;
                    }
                    end(chain);
                }
                case "ROLLBACK", "ABORT" -> {
                    if (to) {
                        failed = false;
                    } else {
                        end(chain);
                    }
                }
                case "PREPARE" -> {
                    if (twoPhase && open && !failed) {
                        return true;
                    }
                    open &= !twoPhase;
                }
                default -> {
                    return !open && !OF_THE_SESSION.contains(verb) && (!undone || PROCEDURES.contains(verb));
                }
            }
            return false;
        }

        private void end(boolean chain) {
            open &= chain;
            failed = false;
        }
    }

    /**
     * A statement as it may be shown: on one line, shortened, and cut where a password may follow.
     *
     * @param sql a statement's text
     * @return text for a message
     */
    public static String shown(String sql) {
        String text = beginning(sql).strip().replaceAll("\\s+", " ");
        var password = PASSWORD.matcher(text);
        if (password.find()) {
            text = text.substring(0, password.end()) + " ...";
        }
        text = USER_INFO.matcher(text).replaceAll("//***@");
        return text.length() > SHOWN ? text.substring(0, SHOWN) + " ..." : text;
    }

    /** What the text begins with; not the user of a URL, if it is cut before it is known where that ends. */
    private static String beginning(String sql) {
        return sql.length() <= LOOKED_AT
                ? sql
                : CUT_USER_INFO.matcher(sql.substring(0, LOOKED_AT)).replaceFirst("//***") + "...";
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
