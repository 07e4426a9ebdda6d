package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a channel that does not block is ready for one kind of operation. An interrupt does not end the waiting,
 * as it does not on a TCP socket, while it would close a channel that blocks; closing does. Since Java 24 a virtual
 * thread that waits leaves its carrier to others.
 *
 * <p>Thread safety: one thread waits at a time; any thread closes.
 */
final class Readiness {
    private final SocketChannel channel;
    private final int operation;

    /** Made when it is first needed: it has file descriptors of its own. Guarded by this. */
    private @Nullable Selector selector;

    /** Guarded by this. */
    private boolean closed;

    /** For an operation of {@link SelectionKey}. */
    Readiness(SocketChannel channel, int operation) {
        this.channel = channel;
        this.operation = operation;
    }

    /** Has all that waiting needs. */
    void prepare() throws IOException {
        selector();
    }

    /**
     * Waits.
     *
     * @param millis for how long; 0 for ever
     * @return whether it is ready; not if the time is over
     * @throws ClosedChannelException if it is closed, then or before
     */
    boolean await(int millis) throws IOException {
        Selector waiting = selector();
        long began = System.nanoTime();
        long left = millis;
        boolean interrupted = false;
        try {
            while (waiting.select(key -> {}, left) == 0) {
                interrupted |= Thread.interrupted();
                if (millis > 0) {
                    left = left(millis, System.nanoTime() - began);
                    if (left <= 0) {
                        return false;
                    }
                }
            }
            return true;
        } catch (ClosedSelectorException e) {
            ClosedChannelException over = new ClosedChannelException();
            over.initCause(e);
            throw over;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** In whole milliseconds, and never too few. */
    private static long left(int millis, long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(TimeUnit.MILLISECONDS.toNanos(millis + 1L) - 1 - nanos);
    }

    private synchronized Selector selector() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        Selector made = selector;
        if (made == null) {
            made = channel.provider().openSelector();
            try {
                channel.register(made, operation);
            } catch (IOException | RuntimeException e) {
                made.close();
                throw e;
            }
            selector = made;
        }
        return made;
    }

    /** Ends the waiting. The channel, if it is closed, is closed in the system only then. */
    synchronized void close() throws IOException {
        closed = true;
        if (selector != null) {
            selector.close();
        }
    }
}
