package io.github.pgmanaged.junit.internal;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which test a thread runs.
 *
 * <p>Thread safety: safe.
 */
final class Scopes {
    /** Inherited by the threads that a test starts. */
    @SuppressWarnings("ThreadLocalUsage") // one for each extension, of which there are few
    private final ThreadLocal<@Nullable Scope> ofThread = new InheritableThreadLocal<>();

    private final Set<Scope> running = ConcurrentHashMap.newKeySet();

    /** It is the current thread's from now on. */
    void begin(Scope scope) {
        running.add(scope);
        ofThread.set(scope);
    }

    /** What the current thread runs, or what the thread that started it did. */
    @Nullable
    Scope ofThread() {
        return ofThread.get();
    }

    /** It is over; the current thread goes on with the one before it. */
    void end(Scope scope) {
        running.remove(scope);
        if (ofThread.get() == scope) {
            ofThread.set(scope.before);
        }
    }

    boolean anyRuns() {
        return !running.isEmpty();
    }

    /**
     * Of the current thread: its own test, or the one test that runs; else its class, or the one that runs. Null if
     * none can be named.
     */
    @Nullable
    Scope current() {
        Scope known = ofThread.get();
        Scope own = known == null || known.isOver() ? null : known;
        if (own != null && (own.isTest || own.thread == Thread.currentThread())) {
            return own;
        }
        Scope test = only(true);
        if (test != null) {
            return test;
        }
        return own != null ? own : only(false);
    }

    private @Nullable Scope only(boolean test) {
        List<Scope> candidates =
                running.stream().filter(scope -> scope.isTest == test).toList();
        return candidates.size() == 1 ? candidates.get(0) : null;
    }
}
