package io.github.pgmanaged.internal.lease;

import org.jspecify.annotations.Nullable;

/**
 * One thread in a {@link Turnstile}'s queue.
 *
 * @param <T> what stands for its turn
 */
final class Waiter<T> {
    /** What has become of it. */
    enum Fate {
        WAITING,
        /** It has its turn. */
        INSIDE,
        /** It waits no more, for whatever reason. */
        GONE
    }

    /** How it rests. */
    enum Rest {
        AWAKE,
        /** It was woken in vain, and is not to be woken again by the thread that was back before it. */
        DOZING,
        ASLEEP
    }

    final Thread thread = Thread.currentThread();
    final long arrival = System.nanoTime();
    final T turn;

    /** Whether a bar does not stop it. */
    final boolean aside;

    /** Set by the thread alone, once: by a write, which needs no stack and cannot fail. */
    volatile Fate fate = Fate.WAITING;

    /** Set by the thread before it parks, reset by the one that wakes it, so that it is not woken twice. */
    volatile Rest rest = Rest.AWAKE;

    /** The last thread that left and woke it; not exact, when several leave at once. */
    @Nullable
    Thread wokenBy;

    /** The current thread, which waits for its turn. */
    Waiter(T turn, boolean aside) {
        this.turn = turn;
        this.aside = aside;
    }
}
