package io.github.pgmanaged.faults.ledger;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Another thread, to which a lease is handed. */
final class Other {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** What it does. */
    @FunctionalInterface
    interface Task {
        void run() throws Exception;
    }

    private final Thread thread;
    private final AtomicReference<Throwable> thrown = new AtomicReference<>();

    private Other(Task task) {
        thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (Throwable t) {
                        thrown.set(t);
                    }
                },
                "other than " + Thread.currentThread().getName());
        thread.setDaemon(true);
        thread.start();
    }

    static Other begins(Task task) {
        return new Other(task);
    }

    static void does(Task task) throws Exception {
        begins(task).ends();
    }

    /** Waits for its end, interrupted or not, and throws what it has thrown. */
    void ends() throws Exception {
        boolean interrupted = false;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (thread.isAlive()) {
            try {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError(thread + " hangs");
                }
                thread.join(left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Throwable end = thrown.get();
        if (end instanceof Exception e) {
            throw e;
        }
        if (end instanceof Error e) {
            throw e;
        }
    }
}
