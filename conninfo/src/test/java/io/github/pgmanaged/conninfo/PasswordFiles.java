package io.github.pgmanaged.conninfo;

import static io.github.pgmanaged.conninfo.Seed.chance;
import static io.github.pgmanaged.conninfo.Seed.pick;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Makes password files; every line has a password of its own, so that a wrong line shows. */
final class PasswordFiles {
    private final SplittableRandom random;
    private int number;

    private PasswordFiles(SplittableRandom random) {
        this.random = random;
    }

    static String make(SplittableRandom random) {
        return new PasswordFiles(random).file();
    }

    private String file() {
        List<String> lines = new ArrayList<>();
        for (int i = random.nextInt(9); i > 0; i--) {
            lines.add(line());
        }
        String end = chance(random, 0.15) ? "\r\n" : "\n";
        return String.join(end, lines) + (chance(random, 0.75) ? end : "");
    }

    private String line() {
        double kind = random.nextDouble();
        if (kind < 0.08) {
            return pick(
                    random,
                    List.of("# comment", "#*:*:*:*:hunter2", "", " ", "*", "*:*:*:*", "::::", "*:*:*:hunter2", "\r"));
        }
        List<String> hosts = chance(random, 0.9) ? OptionValues.HOSTS : List.of("", "/tmp/", "LOCALHOST", " localhost");
        return field(hosts, 0.3) + ":" + field(OptionValues.PORTS, 0.5) + ":" + field(OptionValues.DATABASES, 0.4) + ":"
                + field(OptionValues.USERS, 0.4) + ":" + password();
    }

    private String field(List<String> from, double star) {
        if (chance(random, star)) {
            return chance(random, 0.97) ? "*" : pick(random, List.of("**", "\\*", "*x", "* "));
        }
        String text = pick(random, from);
        double kind = random.nextDouble();
        if (kind < 0.93) {
            return text.replaceAll("([:\\\\])", "\\\\$1");
        }
        return kind < 0.96 ? text : text.replaceAll("(.)", "\\\\$1");
    }

    private String password() {
        String password = OptionValues.SECRET + number++;
        double kind = random.nextDouble();
        if (kind < 0.6) {
            return password;
        }
        return pick(
                random,
                List.of(
                        "",
                        password + ":more",
                        password + "\\:x",
                        password + "\\\\x",
                        password + "\\",
                        "\\" + password,
                        " " + password + " ",
                        password + "ü",
                        password + "#",
                        password.repeat(40),
                        password + "\r",
                        password + "\\\\"));
    }
}
