package io.github.pgmanaged.conninfo.internal.net;

import org.jspecify.annotations.Nullable;

/** Stands in until the real one comes. */
public final class SocketOwner {
    public interface Opening<T extends @Nullable Object, X extends Exception> {
        T open() throws X;
    }

    public <T extends @Nullable Object, X extends Exception> T whileOpening(Opening<T, X> opening) throws X {
        return opening.open();
    }

    public void closeAll() {}

    public void closeOpen() {}

    public boolean isEmpty() {
        return true;
    }

    public long lastProgressNanos() {
        return System.nanoTime();
    }
}
