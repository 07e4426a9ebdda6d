package io.github.pgmanaged.internal;

import io.github.pgmanaged.internal.time.Threads;

/** How a message names a thread; for the API's values, which know none of the layers. */
public final class ThreadName {
    private ThreadName() {}

    /** Its name, or its number if it has none, as virtual threads. */
    public static String of(Thread thread) {
        return Threads.name(thread);
    }
}
