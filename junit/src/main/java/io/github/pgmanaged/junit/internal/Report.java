package io.github.pgmanaged.junit.internal;

import io.github.pgmanaged.junit.OneConnectionError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The text about what was found in a test. */
final class Report {
    private static final int MOST_SHOWN = 20;

    private Report() {}

    static OneConnectionError of(Scope scope, List<Finding> findings) {
        Map<String, List<Finding>> kinds = new LinkedHashMap<>();
        for (Finding finding : findings) {
            kinds.computeIfAbsent(finding.place(), place -> new ArrayList<>()).add(finding);
        }
        StringBuilder text = new StringBuilder("On one connection, ")
                .append(scope.isTest ? "test " : "the tests of ")
                .append(scope.name)
                .append(kinds.size() == 1 ? " had 1 finding:" : " had " + kinds.size() + " findings:");
        int number = 0;
        for (List<Finding> same : kinds.values()) {
            if (++number > MOST_SHOWN) {
                text.append("\n\nand ").append(kinds.size() - MOST_SHOWN).append(" more.");
                break;
            }
            Finding finding = same.get(0);
            text.append("\n\n").append(number).append(". ").append(finding.title());
            if (same.size() > 1) {
                text.append(" (").append(same.size()).append(" times)");
            }
            finding.lines().forEach(line -> text.append("\n   ").append(line));
        }
        OneConnectionError error = new OneConnectionError(text.append('\n').toString());
        error.setStackTrace(findings.get(0).stack().toArray(StackTraceElement[]::new));
        return error;
    }
}
