package io.github.pgmanaged.peers;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A call on a thread of its own, of which nobody knows whether it ends.
 *
 * @param <T> what it gives
 */
public final class Attempt<T extends @Nullable Object> {
    private final FutureTask<T> task;
    private final Thread thread;

    private Attempt(String name, Callable<T> call) {
        task = new FutureTask<>(call);
        thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Begins a call.
     *
     * @param name the thread's
     * @param call what to do
     * @return the call, under way
     * @param <T> what it gives
     */
    public static <T extends @Nullable Object> Attempt<T> begin(String name, Callable<T> call) {
        return new Attempt<>(name, call);
    }

    /**
     * Waits for the end.
     *
     * @param limit how long
     * @return whether it has ended, well or not
     * @throws InterruptedException if this thread is to stop waiting
     */
    public boolean endsWithin(Duration limit) throws InterruptedException {
        try {
            task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        }
        return true;
    }

    /** Waits until it waits itself, or has ended. */
    public void awaitWaiting() {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .during(Duration.ofMillis(30)) // on its way there it may be blocked for a moment, too
                .until(() -> switch (thread.getState()) {
                    case WAITING, TIMED_WAITING, BLOCKED, TERMINATED -> true;
                    default -> false;
                });
    }

    /**
     * What it gave; it must have ended.
     *
     * @return the value
     * @throws Exception what it threw
     */
    public T value() throws Exception {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /**
     * What it threw; it must have ended.
     *
     * @return the error, or null
     * @throws InterruptedException if this thread is to stop waiting
     */
    public @Nullable Throwable error() throws InterruptedException {
        try {
            task.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    /**
     * Where it runs.
     *
     * @return its thread
     */
    public Thread thread() {
        return thread;
    }
}
