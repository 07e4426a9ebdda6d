package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Our answers beside libpq's, over many cases: what differs, and how often which kind of answer came. */
final class Comparison {
    private static final Logger LOG = LoggerFactory.getLogger(Comparison.class);
    private static final int SHOWN = 10;

    private final Map<String, Integer> answers = new TreeMap<>();
    private final Map<String, Integer> notes = new TreeMap<>();
    private final Map<String, Integer> disagreements = new TreeMap<>();
    private final List<String> bugs = new ArrayList<>();
    private int cases;
    private int accepted;
    private int wrong;

    /**
     * Counts one case.
     *
     * @param conninfo the string
     * @param libpq libpq's answer
     * @param ours our answer
     * @param repetition what the reader needs to see the case again
     */
    void add(String conninfo, Parsed libpq, Parsed ours, Object repetition) {
        cases++;
        accepted += libpq.accepted() ? 1 : 0;
        answers.merge(kind(libpq), 1, Integer::sum);
        if (libpq.equals(ours)) {
            return;
        }
        Optional<String> reason = Disagreements.reason(conninfo, libpq, ours);
        reason.ifPresentOrElse(
                sentence -> disagreements.merge(sentence, 1, Integer::sum),
                () -> bug("libpq: " + libpq + "\n ours: " + ours, conninfo, repetition));
    }

    void bug(String what, String conninfo, Object repetition) {
        wrong++;
        if (bugs.size() < SHOWN) {
            bugs.add("\n" + visible(conninfo) + "\n" + what + "\n" + repetition);
        }
    }

    /** Counts what is worth knowing of a case besides its answer. */
    void note(String what) {
        notes.merge(what, 1, Integer::sum);
    }

    int notes(String what) {
        return notes.getOrDefault(what, 0);
    }

    /** The share of cases that libpq accepts. */
    double acceptedShare() {
        return (double) accepted / cases;
    }

    /** How many cases differ though no disagreement covers them. */
    int wrong() {
        return wrong;
    }

    int disagreements() {
        return disagreements.values().stream().mapToInt(Integer::intValue).sum();
    }

    void finish(String title) {
        StringBuilder text = new StringBuilder(title + ": " + cases + " cases, accepted " + accepted);
        for (Map<String, Integer> counts : List.of(answers, notes, disagreements)) {
            counts.forEach((what, count) ->
                    text.append("\n  ").append(count).append("  ").append(what));
        }
        LOG.info("{}", text);
        assertThat(bugs).as("%d of %d cases differ, for example", wrong, cases).isEmpty();
    }

    /** The message without what it quotes and where it points. */
    private static String kind(Parsed libpq) {
        return libpq.accepted()
                ? "accepted"
                : libpq.error()
                        .replaceFirst("(?s)(character|separator|missing|matching) \".\"", "$1 .")
                        .replaceFirst("(?s)\".*\"", "\"...\"")
                        .replaceAll("(?<!IPv)\\b\\d+", "n");
    }

    /** Control characters and what is not ASCII as Java source would have them. */
    private static String visible(String text) {
        StringBuilder visible = new StringBuilder("\"");
        text.chars()
                .forEach(c -> visible.append(
                        c >= ' ' && c < 127 && c != '"' && c != '\\'
                                ? Character.toString(c)
                                : String.format(Locale.ROOT, "\\u%04X", c)));
        return visible.append('"').toString();
    }
}
