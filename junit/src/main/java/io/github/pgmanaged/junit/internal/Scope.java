package io.github.pgmanaged.junit.internal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A test, or a class of tests, while it runs, and what was found in it.
 *
 * <p>Thread safety: safe.
 */
public final class Scope {
    final String name;
    final boolean isTest;
    final Thread thread = Thread.currentThread();

    /** What its thread ran before, and goes on with. */
    final @Nullable Scope before;

    // Guarded by this.
    private final List<Finding> findings = new ArrayList<>();
    private boolean over;

    Scope(String name, boolean isTest, @Nullable Scope before) {
        this.name = name;
        this.isTest = isTest;
        this.before = before;
    }

    /** Whether it is still running, so that the finding will be reported. */
    synchronized boolean add(Finding finding) {
        if (!over) {
            findings.add(finding);
        }
        return !over;
    }

    synchronized boolean isOver() {
        return over;
    }

    /** All that was found; nothing can be added any more. */
    synchronized List<Finding> end() {
        over = true;
        return List.copyOf(findings);
    }
}
