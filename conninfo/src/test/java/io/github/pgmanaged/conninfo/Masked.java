package io.github.pgmanaged.conninfo;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** libpq's messages that quote a piece of the string as it stands, which may hold a password or a part of one. */
final class Masked {
    private static final String MASK = "***";

    /** Why something is masked, and what to change. */
    private static final Pattern HINT = Pattern.compile(" \\((at position \\d+; )?not shown, since it may [^\"]*\\)$");

    /** What is around the quoted piece, which is the second group. */
    private static final List<Pattern> QUOTING = List.of(
            quoting("missing \"=\" after \"", "\" in connection info string"),
            quoting("invalid connection option \"", "\""),
            quoting("missing key/value separator \"=\" in URI query parameter: \"", "\""),
            quoting("extra key/value separator \"=\" in URI query parameter: \"", "\""),
            quoting("invalid URI query parameter: \"", "\""),
            quoting("invalid percent-encoded token: \"", "\""),
            quoting("forbidden value %00 in percent-encoded value: \"", "\""),
            quoting("unexpected spaces found in \"", "\", use percent-encoded spaces (%20) instead"),
            quoting("end of string reached when looking for matching \"]\" in IPv6 host address in URI: \"", "\""),
            quoting("IPv6 host address may not be empty in URI: \"", "\""),
            Pattern.compile(
                    "(unexpected character \".\" at position \\d+ in URI \\(expected \":\" or \"/\"\\): \")(.*)(\")",
                    Pattern.DOTALL));

    private Masked() {}

    private static Pattern quoting(String before, String after) {
        return Pattern.compile("(" + Pattern.quote(before) + ")(.*)(" + Pattern.quote(after) + ")", Pattern.DOTALL);
    }

    /**
     * Whether ours is libpq's message with pieces of what it quotes replaced by the mask: the text around it must be
     * the same, and so must be what is quoted and not masked.
     */
    static boolean matches(String libpq, String withHint) {
        String ours = HINT.matcher(withHint).replaceFirst("");
        for (Pattern quoting : QUOTING) {
            Matcher theirs = quoting.matcher(libpq);
            Matcher mine = quoting.matcher(ours);
            if (theirs.matches() && mine.matches()) {
                return theirs.group(1).equals(mine.group(1)) && quotes(mine.group(2), theirs.group(2));
            }
        }
        return false;
    }

    private static boolean quotes(String masked, String whole) {
        if (!masked.contains(MASK)) {
            return false;
        }
        String shown = Pattern.quote(masked).replace(MASK, "\\E.*\\Q");
        return Pattern.compile(shown, Pattern.DOTALL).matcher(whole).matches();
    }
}
