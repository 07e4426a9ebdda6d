package io.github.pgmanaged.conninfo;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Looks for a string's secret where anybody may see it. */
final class Leaks {
    private Leaks() {}

    /** Where the secret of the string can be seen; empty if nowhere. */
    static Optional<String> of(ConninfoStrings.Made made) {
        String secret = made.secret();
        if (secret == null || !isRecognizable(made.text(), secret)) {
            return Optional.empty();
        }
        try (PgjdbcLog log = PgjdbcLog.watched()) {
            Optional<String> shown = shown(made.text(), secret);
            return shown.isPresent() ? shown : log.messageWith(secret).map(message -> "logged: " + message);
        }
    }

    /** A mutation may have spoiled the secret, or one of the words that say that it is one. */
    private static boolean isRecognizable(String text, String secret) {
        String words = String.join("|", Libpq.SECRET_KEYWORDS);
        long recognizable = Pattern.compile(
                        "(?<![^\\s?&'])(" + words + ")\\s*=\\s*'?" + secret + "|://[^/@]*:" + secret + "[^/@]*@")
                .matcher(text)
                .results()
                .count();
        long all = Pattern.compile(secret).matcher(text).results().count();
        return all > 0 && recognizable == all;
    }

    /** Whether a message of the exception, or of its causes, holds the secret. */
    static Optional<String> in(Throwable thrown, String secret) {
        for (@Nullable Throwable e = thrown; e != null; e = e.getCause()) {
            if (e.toString().contains(secret)) {
                return Optional.of("thrown: " + e);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> shown(String text, String secret) {
        try {
            ConnInfo conninfo = ConnInfo.parse(text);
            return conninfo.toString().contains(secret) && !isOtherwiseUsed(text, secret)
                    ? Optional.of("text: " + conninfo)
                    : Optional.empty();
        } catch (RuntimeException e) {
            return in(e, secret);
        }
    }

    /**
     * Whether libpq takes the secret for something that is none: a slash in a password makes a database of its rest.
     */
    private static boolean isOtherwiseUsed(String text, String secret) {
        Map<String, String> values = Libpq.parse(text).values();
        return values != null
                && values.entrySet().stream()
                        .anyMatch(e -> !Libpq.SECRET_KEYWORDS.contains(e.getKey())
                                && e.getValue().contains(secret));
    }
}
