package io.github.pgmanaged.internal.fence;

import org.jspecify.annotations.Nullable;

/** What is inside an array, exchanged one by one; in the arrays inside it, too. */
final class Elements {
    private Elements() {}

    /** What takes an element's place. */
    @FunctionalInterface
    interface Exchange<X extends Exception> {
        @Nullable
        Object instead(Object element) throws X;
    }

    /**
     * The same array if nothing was exchanged, else a copy of its type; neither the driver's nor the caller's is
     * written to. An array of interfaces takes what is exchanged, since a fenced object implements what its delegate
     * does.
     */
    static <X extends Exception> @Nullable Object[] exchanged(@Nullable Object[] array, Exchange<X> exchange) throws X {
        @Nullable Object[] result = array;
        for (int i = 0; i < array.length; i++) {
            Object element = array[i];
            Object instead = element == null ? null : exchange.instead(element);
            if (instead != element) {
                if (result == array) {
                    result = array.clone();
                }
                result[i] = instead;
            }
        }
        return result;
    }
}
