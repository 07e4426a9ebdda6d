package io.github.pgmanaged.benchmarks.page;

import java.util.ArrayList;
import java.util.List;

/** A table in Markdown. The first column is text, and as many more as are said; the others are figures. */
final class Table {
    private final StringBuilder text = new StringBuilder();
    private final int columns;

    Table(int textColumns, String... heads) {
        columns = heads.length;
        add(heads);
        List<String> rules = new ArrayList<>();
        for (int i = 0; i < columns; i++) {
            rules.add(i < textColumns ? "---" : "---:");
        }
        add(rules.toArray(String[]::new));
    }

    void add(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns + " columns");
        }
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    @Override
    public String toString() {
        return text + "\n";
    }
}
