package io.github.pgmanaged;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A session that is being opened, on a thread of its own: nobody else's code (a data source, a name server, the
 * {@code onOpen} hook) can hold up whoever waits for it. If it takes longer than they have, the next one takes what
 * comes of it.
 *
 * <p>Thread safety: safe.
 */
final class Opening {
    private final CompletableFuture<Session> result = new CompletableFuture<>();
    private final long begunAt = System.nanoTime();
    private final Thread thread;

    /** What the source gave, while it is made a session. */
    private volatile @Nullable Connection raw;

    private Opening(Config config) {
        thread = new Thread(() -> run(config), "pgmanaged open");
        thread.setDaemon(true);
    }

    static Opening start(Config config) {
        Opening opening = new Opening(config);
        opening.thread.start();
        return opening;
    }

    private void run(Config config) {
        try {
            Session session = Session.open(config, connection -> raw = connection);
            if (!result.complete(session)) {
                session.close();
            }
        } catch (Throwable t) {
            result.completeExceptionally(t);
        }
    }

    /** The thread that runs the data source's code and the hook's. */
    Thread thread() {
        return thread;
    }

    /** Whether it began longer ago than that, and is not done. */
    boolean isOlderThan(long nanos) {
        return !result.isDone() && System.nanoTime() - begunAt > nanos;
    }

    boolean hasFailed() {
        return result.isCompletedExceptionally();
    }

    /**
     * Waits for the session.
     *
     * @throws TimeoutException if it is not there in time; the opening goes on
     * @throws SQLException why it could not be opened
     */
    Session await(long timeoutNanos) throws SQLException, InterruptedException, TimeoutException {
        try {
            return result.get(timeoutNanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            askedForBy(cause, e);
            if (cause instanceof SQLException failure) {
                throw failure;
            }
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            if (cause instanceof Error failure) {
                throw failure;
            }
            throw new SQLException(cause);
        }
    }

    /** Another thread made the exception; who reads its stack wants to know who wanted the session, too. */
    private static void askedForBy(Throwable failure, Exception here) {
        StackTraceElement[] there = failure.getStackTrace();
        StackTraceElement[] caller = here.getStackTrace();
        int frames = 0;
        while (frames < caller.length && !caller[frames].getClassName().startsWith("io.github.pgmanaged")) {
            frames++; // the future's own
        }
        StackTraceElement[] both = new StackTraceElement[there.length + caller.length - frames];
        System.arraycopy(there, 0, both, 0, there.length);
        System.arraycopy(caller, frames, both, there.length, caller.length - frames);
        failure.setStackTrace(both);
    }

    /** Nobody wants the session any more: it is closed, now or as soon as it is there. */
    void abandon() {
        if (result.cancel(false)) {
            Connection half = raw;
            if (half != null) {
                try {
                    Bounded.abort(half);
                } catch (SQLException | RuntimeException e) {
                    // It was being closed anyway, by the thread that opens it.
                    return;
                }
            }
        } else if (!hasFailed()) {
            result.join().close();
        }
    }
}
