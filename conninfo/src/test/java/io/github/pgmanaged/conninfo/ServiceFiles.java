package io.github.pgmanaged.conninfo;

import static io.github.pgmanaged.conninfo.Seed.chance;
import static io.github.pgmanaged.conninfo.Seed.pick;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** Makes service files, with what libpq allows in them and with what it does not. */
final class ServiceFiles {
    private static final List<String> KEYWORDS = List.of(
            "host", "port", "dbname", "user", "password", "passfile", "hostaddr", "application_name", "sslmode");

    /** libpq reads lines into 1024 bytes, with the newline and the end of the string. */
    private static final int LONGEST = 1022;

    private final SplittableRandom random;
    private final UnaryOperator<String> values;

    private ServiceFiles(SplittableRandom random, UnaryOperator<String> values) {
        this.random = random;
        this.values = values;
    }

    static String make(SplittableRandom random, UnaryOperator<String> values) {
        return new ServiceFiles(random, values).file();
    }

    private String file() {
        List<String> lines = new ArrayList<>();
        if (chance(random, 0.1)) {
            lines.add(pick(random, List.of("host=/before", "nonsense", "# comment", "=")));
        }
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            lines.add(section());
            for (int j = random.nextInt(6); j > 0; j--) {
                lines.add(line());
            }
        }
        String end = chance(random, 0.15) ? "\r\n" : "\n";
        return String.join(end, lines) + (chance(random, 0.75) ? end : "");
    }

    private String section() {
        String section = "[" + pick(random, OptionValues.SERVICES) + "]";
        double kind = random.nextDouble();
        if (kind < 0.9) {
            return section;
        }
        return pick(
                random,
                List.of(
                        "  " + section,
                        section + "\t ",
                        section + " x",
                        section + "=x",
                        "[ a ]",
                        "[]",
                        "[",
                        "[A]",
                        "[a",
                        "[b]]"));
    }

    private String line() {
        double kind = random.nextDouble();
        if (kind < 0.05) {
            return pick(random, List.of("# comment", "#", "", " \t ", "  # host=x"));
        } else if (kind < 0.08) {
            return pick(
                    random,
                    List.of("service=b", "service=", "nonsense=1", "HOST=h", "user", "=x", "user =x", "sslmode"));
        } else if (kind < 0.09) {
            return tooLong();
        }
        String keyword = chance(random, 0.9)
                ? pick(random, KEYWORDS)
                : pick(random, Libpq.defaults()).keyword();
        String value = values.apply(keyword.equals("service") ? "user" : keyword);
        // A host with a space would be looked up by name.
        boolean spaces = chance(random, 0.1) && !keyword.equals("host");
        String before = pick(random, List.of("", "", "", " ", "\t", "\u000B\f "));
        return before + keyword + "=" + (spaces ? " " : "") + value + (spaces ? " \t" : "");
    }

    /** Or just not. */
    private String tooLong() {
        String start = pick(random, List.of("application_name=", "# ", "[", " "));
        int length = random.nextInt(LONGEST - 2, LONGEST + 4);
        String letter = pick(random, List.of("x", "x", " ", "ü"));
        StringBuilder line = new StringBuilder(start);
        int bytes = start.length();
        while (bytes + letter.length() <= length) {
            line.append(letter);
            bytes += letter.equals("ü") ? 2 : 1;
        }
        return line.toString();
    }
}
