package io.github.pgmanaged.junit.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits for the lease.
 *
 * <p>Thread safety: safe.
 */
final class Waiting {
    final Thread thread = Thread.currentThread();
    final long since = System.nanoTime();
    final List<StackTraceElement> stack = Stacks.here();

    /** The holder, seen waiting itself for as long as is suspicious. */
    volatile @Nullable Sight suspicious;
}
