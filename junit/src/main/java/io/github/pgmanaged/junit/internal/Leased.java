package io.github.pgmanaged.junit.internal;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A lease that was given out.
 *
 * <p>Thread safety: safe.
 */
final class Leased {
    final Thread thread = Thread.currentThread();
    final List<StackTraceElement> stack = Stacks.here();
    final CountDownLatch over = new CountDownLatch(1);

    /** The test in which it was acquired; null if that is not known. */
    final @Nullable Scope scope;

    Leased(@Nullable Scope scope) {
        this.scope = scope;
    }

    boolean isOver() {
        return over.getCount() == 0;
    }
}
