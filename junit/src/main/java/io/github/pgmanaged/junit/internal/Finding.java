package io.github.pgmanaged.junit.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * One of the things that were found.
 *
 * @param title what happened
 * @param lines how, and what to change
 * @param place what tells it from others like it: one that happens in a loop is shown once
 * @param stack the stack to show as the failure's
 */
record Finding(String title, List<String> lines, String place, List<StackTraceElement> stack) {

    /** Collects the lines of one. */
    static final class Draft {
        private final String title;
        private final List<String> lines = new ArrayList<>();
        private final StringBuilder place = new StringBuilder();
        private List<StackTraceElement> first = List.of();

        Draft(String title) {
            this.title = title;
            place.append(title);
        }

        Draft line(String text) {
            lines.add(text);
            return this;
        }

        /** A stack under a line of its own; nothing if there is no stack. */
        Draft stack(String text, List<StackTraceElement> stack) {
            List<String> shown = Stacks.shown(stack);
            if (shown.isEmpty()) {
                return this;
            }
            lines.add(text);
            shown.forEach(frame -> lines.add("    " + frame));
            place.append('\n').append(shown);
            if (first.isEmpty()) {
                first = stack;
            }
            return this;
        }

        Finding done() {
            return new Finding(title, List.copyOf(lines), place.toString(), first);
        }
    }
}
