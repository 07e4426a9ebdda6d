package io.github.pgmanaged.internal.fence;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a text of SQL visibly leaves in its session: known by the first word of each statement, and by the names of
 * functions. What cannot be told is taken for {@link Residue#ANYTHING}. It sees nothing of what a function or a trigger
 * does inside.
 *
 * <p>Thread safety: none.
 */
final class ResidueScan {
    /** Statements that leave what the functions in them leave, or nothing; the frequent ones first. */
    private static final String[] KNOWN = {
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "WITH",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "MERGE",
        "COPY",
        "VALUES",
        "TABLE",
        "START",
        "END",
        "ABORT",
        "SAVEPOINT",
        "RELEASE",
        "FETCH",
        "MOVE",
        "CLOSE",
        "SHOW",
        "LOCK",
        "NOTIFY",
        "ALTER",
        "DROP",
        "TRUNCATE",
        "GRANT",
        "REVOKE",
        "COMMENT",
        "SECURITY",
        "REASSIGN",
        "IMPORT",
        "REFRESH",
        "ANALYZE",
        "ANALYSE",
        "VACUUM",
        "REINDEX",
        "CLUSTER",
        "CHECKPOINT",
        "REPACK",
        "WAIT"
    };

    /** Of what {@link #name} looks for. */
    private static final String FIRST_LETTERS = "psdim\"";

    private static final String[] BEFORE_TEMP = {"OR", "REPLACE", "LOCAL", "GLOBAL"};
    private static final String[] EXPLAINING = {"ANALYZE", "ANALYSE", "VERBOSE"};

    private static final Set<Residue> OF_ANY_SETTING =
            EnumSet.of(Residue.SETTINGS, Residue.PATH, Residue.ROLE, Residue.SEED);

    /** What a query can leave that has been prepared elsewhere, as by {@code onOpen}. */
    private static final Set<Residue> OF_EXECUTE =
            EnumSet.of(Residue.SETTINGS, Residue.ROLE, Residue.SEED, Residue.LOCKS);

    private static final Set<Residue> UNLISTENING = EnumSet.of(Residue.LISTENING, Residue.UNLISTENED);

    private final SqlScanner scanner;
    private SqlScanner.Token token;

    /** Null as long as there is nothing. */
    private @Nullable EnumSet<Residue> found;

    /** Open parentheses. */
    private int depth;

    /** Whether a mention of {@code pg_temp} makes something there. */
    private boolean defining;

    /** How many parentheses are open in the arguments of {@code set_config}; 0 outside of them. */
    private int inSetConfig;

    /** What that call leaves unless it is local. */
    private Set<Residue> ofSetConfig = Set.of();

    private boolean afterComma;

    /** Whether the token before was TRUE, as an argument of its own. */
    private boolean afterTrue;

    private ResidueScan(String sql, boolean standardStrings) {
        this.scanner = new SqlScanner(sql, standardStrings);
        this.token = scanner.next();
    }

    /**
     * Looks at a text.
     *
     * @param standardStrings the server's {@code standard_conforming_strings}
     */
    static Set<Residue> of(String sql, boolean standardStrings) {
        ResidueScan scan = new ResidueScan(sql, standardStrings);
        while (scan.token != SqlScanner.Token.END) {
            scan.begin();
            scan.walk();
        }
        return scan.found == null ? Set.of() : scan.found;
    }

    private void leave(Residue residue) {
        if (found == null) {
            found = EnumSet.noneOf(Residue.class);
        }
        found.add(residue);
    }

    private void leave(Set<Residue> residues) {
        residues.forEach(this::leave);
    }

    private void next() {
        token = scanner.next();
    }

    private boolean isAny(String[] words) {
        for (String word : words) {
            if (scanner.isWord(word)) {
                return true;
            }
        }
        return false;
    }

    // --- the first words ----------------------------------------------------------------------------------------

    private void begin() {
        defining = false;
        while (scanner.isWord("EXPLAIN")) { // with ANALYZE it runs what it explains
            next();
            if (scanner.isSign('(')) {
                do {
                    look();
                } while (depth > 0 && token != SqlScanner.Token.END);
            }
            while (isAny(EXPLAINING)) {
                next();
            }
        }
        if (token == SqlScanner.Token.END || scanner.isSign(';') || scanner.isSign('(') || isAny(KNOWN)) {
            return;
        }
        if (scanner.isWord("SET") || scanner.isWord("RESET")) {
            next();
            set();
        } else if (scanner.isWord("CREATE")) {
            next();
            create();
        } else if (scanner.isWord("PREPARE")) {
            next();
            if (!scanner.isWord("TRANSACTION")) {
                leave(Residue.STATEMENTS);
            }
        } else if (scanner.isWord("EXECUTE")) {
            leave(OF_EXECUTE);
        } else if (scanner.isWord("DEALLOCATE")) {
            leave(Residue.STATEMENTS);
        } else if (scanner.isWord("LISTEN")) {
            leave(Residue.LISTENING);
        } else if (scanner.isWord("UNLISTEN")) {
            leave(UNLISTENING);
        } else if (scanner.isWord("DECLARE")) {
            leaveIfHeld();
        } else if (scanner.isWord("DISCARD")) {
            next();
            discard();
        } else if (scanner.isWord("LOAD")) {
            leave(Residue.LASTING);
        } else {
            leave(Residue.ANYTHING); // DO, CALL, {call ...}, and what later versions bring
        }
    }

    private void set() {
        defining = true;
        boolean local = scanner.isWord("LOCAL");
        if (local || scanner.isWord("SESSION")) {
            next();
        }
        if (scanner.isWord("SESSION")) {
            next(); // SET SESSION SESSION AUTHORIZATION
        }
        if (scanner.isWord("TRANSACTION") || scanner.isWord("CONSTRAINTS")) {
            return;
        }
        if (scanner.isWord("ROLE") || scanner.isWord("AUTHORIZATION")) {
            if (!local) {
                leave(Residue.ROLE);
            }
            return;
        }
        leave(ofSetting(local));
    }

    /** What it leaves to change the setting whose name the token is. */
    private EnumSet<Residue> ofSetting(boolean local) {
        EnumSet<Residue> left = EnumSet.of(Residue.SETTINGS);
        if (scanner.contains("search_path") || scanner.isWord("SCHEMA") || scanner.isWord("ALL")) {
            left.add(Residue.PATH);
        }
        if (scanner.contains("role") || scanner.contains("session_authorization")) {
            left.add(Residue.ROLE);
        }
        if (scanner.contains("seed")) {
            left.add(Residue.SEED);
        }
        if (local) {
            left.retainAll(EnumSet.of(Residue.PATH));
        }
        return left;
    }

    private void create() {
        defining = true;
        while (isAny(BEFORE_TEMP)) {
            next();
        }
        leaveIfTemporary();
    }

    private void leaveIfTemporary() {
        if (scanner.isWord("TEMP") || scanner.isWord("TEMPORARY") || scanner.isNameBeginning("pg_temp")) {
            leave(Residue.TEMPORARY);
        }
    }

    private void leaveIfHeld() {
        boolean with = false;
        while (token != SqlScanner.Token.END && !scanner.isSign(';') && !scanner.isWord("FOR")) {
            if (with && scanner.isWord("HOLD")) {
                leave(Residue.CURSORS);
            }
            with = scanner.isWord("WITH");
            next();
        }
    }

    private void discard() {
        if (scanner.isWord("TEMP") || scanner.isWord("TEMPORARY")) {
            leave(Residue.TEMPORARY);
        } else if (!scanner.isWord("PLANS") && !scanner.isWord("SEQUENCES")) {
            leave(Residue.ANYTHING); // gone is what was to stay
            leave(UNLISTENING);
        }
    }

    // --- the rest -----------------------------------------------------------------------------------------------

    /** Walks past the end of the statement. */
    private void walk() {
        while (token != SqlScanner.Token.END && (depth > 0 || !scanner.isSign(';'))) {
            look();
        }
        endOfSetConfig(false);
        depth = 0;
        next();
    }

    /** Looks at a token, and steps on. */
    private void look() {
        boolean last = afterComma && scanner.isWord("TRUE");
        afterComma = inSetConfig != 0 && scanner.isSign(',');
        switch (token) {
            case WORD, QUOTED_NAME -> name();
            case SIGN -> {
                sign();
                next();
            }
            default -> {
                if ((defining || inSetConfig != 0) && scanner.contains("pg_temp")) {
                    leave(Residue.TEMPORARY); // SET search_path = 'pg_temp'
                }
                next();
            }
        }
        afterTrue = last;
    }

    private void sign() {
        char sign = scanner.first();
        if (sign == '(') {
            depth++;
        } else if (sign == ')') {
            depth--;
            if (depth < inSetConfig) {
                endOfSetConfig(afterTrue);
            }
        }
    }

    private void name() {
        if (FIRST_LETTERS.indexOf(scanner.first()) < 0) {
            next(); // most names are none of these
            return;
        }
        if (scanner.isNameBeginning("pg_")) {
            ofPostgres();
        } else if (scanner.isName("set_config")) {
            next();
            beginOfSetConfig();
            return;
        } else if (scanner.isName("setseed")) {
            leave(Residue.SEED);
        } else if (scanner.isNameBeginning("dblink_connect")) {
            leave(Residue.LASTING);
        } else if (scanner.isWord("INSERT") || scanner.isWord("MERGE")) {
            next();
            if (scanner.isWord("INTO")) {
                next(); // a table may be called "temp"
            }
            return;
        } else if (scanner.isWord("INTO")) {
            next();
            while (isAny(BEFORE_TEMP)) {
                next();
            }
            leaveIfTemporary();
            return;
        } else if (token == SqlScanner.Token.QUOTED_NAME && scanner.contains("\\")) {
            leave(Residue.ANYTHING); // U&"\0070g_advisory_lock"
        }
        next();
    }

    private void ofPostgres() {
        if (scanner.isNameBeginning("pg_advisory_") || scanner.isNameBeginning("pg_try_advisory_")) {
            if (!scanner.contains("_xact_")) {
                leave(Residue.LOCKS);
            }
        } else if (defining && scanner.isNameBeginning("pg_temp")) {
            leave(Residue.TEMPORARY);
        } else if (scanner.isName("pg_backup_start")
                || scanner.isName("pg_start_backup")
                || scanner.isName("pg_replication_origin_session_setup")
                || scanner.isName("pg_create_logical_replication_slot")
                || scanner.isName("pg_create_physical_replication_slot")
                || scanner.isName("pg_copy_logical_replication_slot")
                || scanner.isName("pg_copy_physical_replication_slot")) {
            leave(Residue.LASTING);
        }
    }

    private void beginOfSetConfig() {
        endOfSetConfig(false);
        if (!scanner.isSign('(')) {
            return;
        }
        inSetConfig = ++depth;
        next();
        boolean literal = token == SqlScanner.Token.STRING && !scanner.contains("\\");
        ofSetConfig = literal ? ofSetting(false) : OF_ANY_SETTING;
        if (literal) {
            next();
            if (!scanner.isSign(',')) {
                ofSetConfig = OF_ANY_SETTING; // 'a' || 'b'
            }
        }
    }

    private void endOfSetConfig(boolean local) {
        if (inSetConfig != 0) {
            inSetConfig = 0;
            if (!local) {
                leave(ofSetConfig);
            } else if (ofSetConfig.contains(Residue.PATH)) {
                leave(Residue.PATH);
            }
        }
    }
}
