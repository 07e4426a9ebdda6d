package io.github.pgmanaged.internal.lease;

import org.jspecify.annotations.Nullable;

/**
 * What stands in the occupant's place while a {@link Turnstile} is barred.
 *
 * <p>Thread safety: immutable.
 *
 * @param <T> what stands for a turn
 */
final class Bar<T> {
    final Pause pause;

    /** Whose turn it is. */
    final @Nullable T inside;

    /** The same without anybody inside; made beforehand, so that to leave takes no memory. */
    final Bar<T> empty;

    private Bar(Pause pause, @Nullable T inside, @Nullable Bar<T> empty) {
        this.pause = pause;
        this.inside = inside;
        this.empty = empty == null ? this : empty;
    }

    /** A bar around whoever is inside. */
    static <T> Bar<T> around(Pause pause, @Nullable T inside) {
        Bar<T> empty = new Bar<>(pause, null, null);
        return inside == null ? empty : empty.with(inside);
    }

    /** The same with somebody inside. */
    Bar<T> with(T turn) {
        return new Bar<>(pause, turn, empty);
    }
}
