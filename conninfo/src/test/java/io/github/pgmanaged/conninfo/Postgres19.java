package io.github.pgmanaged.conninfo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What PostgreSQL 19's libpq would say of its new keywords, as the older one tells it: they are only stored, so another
 * keyword that is only stored stands in for them.
 */
final class Postgres19 {
    static final List<String> KEYWORDS = List.of("servicefile", "oauth_ca_file");

    /** A URI has places for them. */
    private static final Set<String> IN_FRONT = Set.of("user", "host", "hostaddr", "port", "dbname");

    /** So many that no string of the tests holds nearly all of them, and none a part of another. */
    private static final List<String> STAND_INS = Libpq.defaults().stream()
            .map(Libpq.Keyword::keyword)
            .filter(keyword -> !Libpq.SECRET_KEYWORDS.contains(keyword)
                    && !IN_FRONT.contains(keyword)
                    && Libpq.defaults().stream()
                                    .filter(other -> overlap(keyword, other.keyword()))
                                    .count()
                            == 1)
            .toList();

    private static final Pattern ASCII_ESCAPE = Pattern.compile("%([2-7][0-9A-Fa-f])");

    private Postgres19() {}

    /** Whether this is the older libpq's refusal of a new keyword. */
    static boolean refuses(Parsed libpq) {
        return KEYWORDS.stream()
                .anyMatch(keyword -> ("invalid connection option \"" + keyword + '"').equals(libpq.error())
                        || ("invalid URI query parameter: \"" + keyword + '"').equals(libpq.error()));
    }

    static Parsed parse(String conninfo) {
        Map<String, String> standIns = new LinkedHashMap<>();
        String decoded = ASCII_ESCAPE
                .matcher(conninfo)
                .replaceAll(m -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(m.group(1), 16))));
        List<String> free = STAND_INS.stream().filter(s -> !decoded.contains(s)).toList();
        for (int i = 0; i < KEYWORDS.size(); i++) {
            standIns.put(KEYWORDS.get(i), free.get(i));
        }
        String text = conninfo;
        for (Map.Entry<String, String> e : standIns.entrySet()) {
            text = text.replace(e.getKey(), e.getValue());
        }
        Parsed libpq = Libpq.parse(text);
        if (!libpq.accepted()) {
            return Parsed.refused(back(libpq.error(), standIns));
        }
        Map<String, String> values = new LinkedHashMap<>();
        libpq.values().forEach((keyword, value) -> values.put(back(keyword, standIns), back(value, standIns)));
        return Parsed.of(values);
    }

    private static boolean overlap(String one, String other) {
        return one.contains(other) || other.contains(one);
    }

    private static String back(String text, Map<String, String> standIns) {
        String result = text;
        for (Map.Entry<String, String> e : standIns.entrySet()) {
            result = result.replace(e.getValue(), e.getKey());
        }
        return result;
    }
}
