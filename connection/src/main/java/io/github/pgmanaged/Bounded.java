package io.github.pgmanaged;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs what may block without a bound of its own on a thread of its own, and waits for it no longer than until a
 * deadline. Only what cuts a session off, and releases that find the driver held by somebody else, need it.
 */
final class Bounded {
    private static final long ABORT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private Bounded() {}

    /** What to run. */
    @FunctionalInterface
    interface Task {
        void run() throws SQLException;
    }

    /**
     * Runs a task.
     *
     * @return whether it ended before the deadline; an interrupt is kept for later
     * @throws SQLException if the task did
     */
    static boolean run(String what, long deadlineNanos, Task task) throws SQLException {
        FutureTask<Void> future = new FutureTask<>(() -> {
            task.run();
            return null;
        });
        Thread thread = new Thread(future, "pgmanaged " + what);
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    future.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return true;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    return false;
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof SQLException sql ? sql : new SQLException(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Cuts a connection's socket. That takes no time, but over TLS: there the JDK says goodbye first, and so waits for
     * a thread that is writing to a server which reads nothing any more.
     *
     * @return whether it is done; if not, it goes on
     */
    static boolean abort(Connection connection) throws SQLException {
        return run("abort", System.nanoTime() + ABORT_NANOS, () -> connection.abort(Runnable::run));
    }
}
