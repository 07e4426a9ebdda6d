package io.github.pgmanaged.conninfo;

import static io.github.pgmanaged.conninfo.Seed.chance;
import static io.github.pgmanaged.conninfo.Seed.pick;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes connection strings of both forms, good and bad, by a grammar and by spoiling what it or a human made. */
final class ConninfoStrings {
    private static final List<String> KEYWORDS = Stream.of(
                    Libpq.defaults().stream().map(Libpq.Keyword::keyword),
                    Stream.of("requiressl", "user", "password", "host", "port", "dbname", "sslpassword"),
                    Postgres19.KEYWORDS.stream())
            .flatMap(Function.identity())
            .toList();
    private static final List<String> ODD_KEYWORDS =
            List.of("ssl", "nonsense", "HOST", "tty", "pass word", "passwörd", "loginTimeout", "=", "");
    private static final List<String> ATOMS = List.of(
            "a",
            "b",
            "db",
            "me",
            "h",
            "localhost",
            "127.0.0.1",
            "/tmp",
            "1",
            "0",
            "5432",
            "true",
            "disable",
            "x.y",
            "-c",
            "_",
            "~",
            "Zz",
            "i",
            "I",
            "geqo");
    private static final List<String> ODD_ATOMS = List.of(
            ":", "/", "?", "#", "&", "=", ",", "+", "'", "\\", "\"", "@", "[", "]", "%", "*", "***", "ü", "ı", "İ", "€",
            "💡", "\u00A0", "\u0085", "\u2003", "\u0301", "\u007F", "\u0001");
    private static final List<String> SPACES = List.of(" ", " ", " ", "  ", "\t", "\n", "\u000B", "\f", "\r", " \t ");
    private static final List<String> GOOD_ESCAPES =
            List.of("%20", "%2F", "%2f", "%40", "%3A", "%3a", "%25", "%C3%BC", "%e2%82%ac", "%41", "%0A", "%27", "%5C");
    private static final List<String> BAD_ESCAPES =
            List.of("%", "%2", "%zz", "%2g", "%00", "% 20", "%FF", "%c3", "%C3%28", "%ı0", "%+1", "%-1", "%0x");
    private static final List<String> MUTATION = Stream.of(
                    ATOMS, ODD_ATOMS, SPACES, GOOD_ESCAPES, BAD_ESCAPES, List.of("postgres://", "://", "@", ":", "'"))
            .flatMap(List::stream)
            .toList();

    private final SplittableRandom random;
    private @Nullable String secret;

    /**
     * A made string.
     *
     * @param secret a password that was put into it where passwords are; null if there is none
     */
    record Made(String text, @Nullable String secret) {}

    private ConninfoStrings(SplittableRandom random) {
        this.random = random;
    }

    static Made make(SplittableRandom random) {
        ConninfoStrings maker = new ConninfoStrings(random);
        String text = maker.text();
        if (chance(random, 0.3)) {
            text = maker.mutated(text);
        }
        return new Made(text, maker.secret);
    }

    private String text() {
        double kind = random.nextDouble();
        if (kind < 0.47) {
            return uri();
        } else if (kind < 0.9) {
            return pairs();
        } else if (kind < 0.98) {
            return mutated(pick(random, chance(random, 0.5) ? ConninfoCorpus.URIS : ConninfoCorpus.PAIRS));
        } else if (kind < 0.99) {
            return "jdbc:" + uri();
        }
        return value(0.5);
    }

    private String uri() {
        StringBuilder uri = new StringBuilder(pick(random, List.of("postgres://", "postgresql://")));
        if (chance(random, 0.45)) {
            userInfo(uri);
        }
        int hosts = chance(random, 0.75) ? 1 : random.nextInt(4);
        for (int i = 0; i < hosts; i++) {
            uri.append(i == 0 ? "" : ",").append(host()).append(port());
        }
        if (chance(random, 0.6)) {
            uri.append('/').append(chance(random, 0.85) ? encoded() : "");
        }
        if (chance(random, 0.6)) {
            uri.append('?').append(chance(random, 0.01) ? "&" : "");
            int parameters = random.nextInt(5);
            for (int i = 0; i < parameters; i++) {
                uri.append(i == 0 ? "" : chance(random, 0.01) ? "&&" : "&");
                parameter(uri);
            }
            uri.append(chance(random, 0.05) ? "&" : "");
        }
        return uri.toString();
    }

    private void userInfo(StringBuilder uri) {
        uri.append(chance(random, 0.9) ? encoded() : "");
        if (chance(random, 0.6)) {
            uri.append(':').append(chance(random, 0.8) ? password(true) : chance(random, 0.5) ? encoded() : "");
        }
        uri.append('@');
        if (chance(random, 0.02)) {
            uri.append(encoded()).append('@');
        }
    }

    private String host() {
        double kind = random.nextDouble();
        if (kind < 0.15) {
            return "[" + pick(random, List.of("::1", "fe80::1%25x", "::", "1:2::3", "", "x", "::1]")) + "]"
                    + (chance(random, 0.06) ? value(0.5) : "");
        } else if (kind < 0.25) {
            return "%2F" + encoded();
        }
        return kind < 0.35 ? "" : encoded();
    }

    private String port() {
        return chance(random, 0.5) ? "" : ":" + (chance(random, 0.8) ? random.nextInt(70_000) + "" : encoded());
    }

    private void parameter(StringBuilder uri) {
        String keyword = keyword();
        space(uri);
        uri.append(chance(random, 0.05) ? percentEncoded(keyword) : keyword);
        space(uri);
        if (chance(random, 0.99)) {
            uri.append('=');
        }
        space(uri);
        if (keyword.equals("sslmode") && chance(random, 0.2)) {
            uri.append("require");
        } else if (keyword.equals("ssl") && chance(random, 0.8)) {
            uri.append("true");
        } else {
            uri.append(mayBeSecret(keyword) ? password(true) : encoded());
        }
        if (chance(random, 0.01)) {
            uri.append('=').append(encoded());
        }
        space(uri);
    }

    private void space(StringBuilder uri) {
        if (chance(random, 0.04)) {
            uri.append(chance(random, 0.9) ? " ".repeat(random.nextInt(1, 3)) : pick(random, SPACES));
        }
    }

    private String pairs() {
        StringBuilder pairs = new StringBuilder(chance(random, 0.1) ? pick(random, SPACES) : "");
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            String keyword = keyword();
            pairs.append(keyword)
                    .append(chance(random, 0.1) ? pick(random, SPACES) : "")
                    .append(chance(random, 0.985) ? "=" : "")
                    .append(chance(random, 0.1) ? pick(random, SPACES) : "")
                    .append(pairValue(mayBeSecret(keyword) ? password(false) : value(0.1)));
            // After a quoted value a space is not needed.
            pairs.append(chance(random, 0.97) ? pick(random, SPACES) : "");
        }
        return pairs.toString();
    }

    private String pairValue(String value) {
        double kind = random.nextDouble();
        if (kind < 0.06) {
            return chance(random, 0.5) ? "''" : "";
        } else if (kind < 0.5 || value.chars().anyMatch(c -> c == ' ' || c == '\'' || c == '\\')) {
            String escaped = chance(random, 0.98) ? value.replaceAll("(['\\\\])", "\\\\$1") : value;
            return "'" + escaped + (chance(random, 0.985) ? "'" : "");
        }
        return chance(random, 0.1) ? value.replaceAll("(\\W)", "\\\\$1") : value;
    }

    private String keyword() {
        return chance(random, 0.02) ? pick(random, ODD_KEYWORDS) : pick(random, KEYWORDS);
    }

    private static boolean mayBeSecret(String keyword) {
        return Libpq.SECRET_KEYWORDS.contains(keyword);
    }

    /** A password that is recognized again wherever it comes out; now and then with what should have been escaped. */
    private String password(boolean uri) {
        if (secret == null) {
            secret = "hunter2" + random.nextInt(100, 1000);
        }
        double kind = random.nextDouble();
        if (kind < 0.8) {
            return secret;
        }
        String other = uri && kind < 0.95 ? encoded() : value(0.4);
        return chance(random, 0.5) ? secret + other : other + secret;
    }

    private String encoded() {
        StringBuilder text = new StringBuilder(pick(random, ATOMS));
        while (chance(random, 0.3)) {
            double kind = random.nextDouble();
            text.append(
                    kind < 0.45
                            ? pick(random, ATOMS)
                            : kind < 0.85
                                    ? pick(random, GOOD_ESCAPES)
                                    : kind < 0.96 ? pick(random, ODD_ATOMS) : pick(random, BAD_ESCAPES));
        }
        if (chance(random, 0.01)) {
            text.insert(random.nextInt(text.length() + 1), pick(random, SPACES));
        }
        return text.toString();
    }

    private String value(double odd) {
        StringBuilder text = new StringBuilder();
        do {
            text.append(pick(random, chance(random, odd) ? ODD_ATOMS : ATOMS));
            text.append(chance(random, odd / 5) ? pick(random, SPACES) : "");
        } while (chance(random, 0.4));
        return text.toString();
    }

    private String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            encoded.append(c < 128 && chance(random, 0.3) ? String.format(Locale.ROOT, "%%%02x", (int) c) : c);
        }
        return encoded.toString();
    }

    /** By code points, so that no half of a pair is left over. */
    private String mutated(String text) {
        List<String> characters =
                new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            int at = random.nextInt(characters.size() + 1);
            boolean inside = at < characters.size();
            switch (random.nextInt(5)) {
                case 0 -> characters.add(at, pick(random, MUTATION));
                case 1 -> {
                    if (inside) {
                        characters.remove(at);
                    }
                }
                case 2 -> {
                    if (inside) {
                        characters.set(at, pick(random, MUTATION));
                    }
                }
                case 3 -> {
                    if (inside) {
                        characters.add(at, characters.get(random.nextInt(characters.size())));
                    }
                }
                default -> {
                    if (inside && at > 0) {
                        characters.set(at, characters.set(at - 1, characters.get(at)));
                    }
                }
            }
        }
        return String.join("", characters);
    }
}
