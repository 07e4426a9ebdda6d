package io.github.pgmanaged.internal.time;

import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Runs what may block without a bound of its own on a thread of its own, and waits for it until a deadline. */
public final class BoundedCall {
    private BoundedCall() {}

    /** What to run. */
    @FunctionalInterface
    public interface Task {
        void run() throws SQLException;
    }

    /** No thread can be had: not any other lack of memory, by which a call may be broken off that is under way. */
    public static final class NoThreadError extends OutOfMemoryError {
        private static final long serialVersionUID = 1L;

        NoThreadError(OutOfMemoryError cause) {
            super("no thread can be had");
            initCause(cause);
        }
    }

    private static void start(String purpose, Runnable task) {
        try {
            Threads.daemon(purpose, Thread.currentThread().getContextClassLoader(), task)
                    .start();
        } catch (OutOfMemoryError e) {
            throw new NoThreadError(e);
        }
    }

    /**
     * Runs a task.
     *
     * @param purpose the last part of the thread's name
     * @return whether it ended before the deadline; an interrupt of the waiting thread is kept for later
     * @throws SQLException if the task threw it, or something else than an exception of its own kind, as its cause
     * @throws NoThreadError if no thread can be had; nothing was run
     */
    public static boolean run(String purpose, Deadline deadline, Task task) throws SQLException {
        // The exception is a result like any other: a future would ask it for its text, which may be foreign code.
        FutureTask<@Nullable Throwable> future = new FutureTask<>(() -> {
            try {
                task.run();
                return null;
            } catch (Throwable t) {
                return t;
            }
        });
        start(purpose, future);
        Interrupts kept = Interrupts.keep();
        try {
            while (true) {
                try {
                    Throwable thrown = future.get(Math.max(0, deadline.left()), TimeUnit.NANOSECONDS);
                    if (thrown != null) {
                        throw Throwables.asSqlException(
                                thrown, thrown.getClass().getName());
                    }
                    return true;
                } catch (InterruptedException e) {
                    kept.caught();
                } catch (TimeoutException e) {
                    return false;
                } catch (ExecutionException e) {
                    throw new SQLException("the task has caught it", e); // does not happen
                }
            }
        } finally {
            kept.restore();
        }
    }
}
