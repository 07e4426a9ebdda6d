package io.github.pgmanaged.testing;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Collectors;

/** Work in a thread of its own; the common pool has as few as one. */
public final class Elsewhere {
    private static final Set<Thread> RUNNING = ConcurrentHashMap.newKeySet();

    private Elsewhere() {}

    public interface Run {
        void run() throws Exception;
    }

    public static <T> CompletableFuture<T> call(Callable<T> call) {
        CompletableFuture<T> future = new CompletableFuture<>();
        start(call, future);
        return future;
    }

    public static CompletableFuture<Void> run(Run run) {
        return call(() -> {
            run.run();
            return null;
        });
    }

    /** What the call gave, once its thread has ended. */
    public static <T> T callToTheEnd(Callable<T> call) throws Exception {
        CompletableFuture<T> future = new CompletableFuture<>();
        start(call, future).join();
        return future.get();
    }

    /** Work in a thread of the caller's choice, which may then be looked at or interrupted. */
    public static <T> Thread start(ThreadFactory threads, CompletableFuture<T> answer, Callable<T> call) {
        Thread thread = threads.newThread(() -> {
            try {
                answer.complete(call.call());
            } catch (Throwable t) {
                answer.completeExceptionally(t);
            }
        });
        thread.start();
        return thread;
    }

    /** By reflection, since this compiles on JDK 17. */
    public static ThreadFactory virtualThreads() throws ReflectiveOperationException {
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        return (ThreadFactory)
                Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    }

    private static <T> Thread start(Callable<T> call, CompletableFuture<T> future) {
        Thread thread = new Thread(
                () -> {
                    try {
                        future.complete(call.call());
                    } catch (Throwable t) {
                        future.completeExceptionally(t);
                    } finally {
                        RUNNING.remove(Thread.currentThread());
                    }
                },
                "elsewhere");
        thread.setDaemon(true);
        RUNNING.add(thread);
        thread.start();
        return thread;
    }

    /** Whether one of the threads is sending something to the server. */
    public static boolean isWriting() {
        return isIn("org.postgresql.core.PGStream", "send");
    }

    /** Whether one of the threads is in a method. */
    public static boolean isIn(String className, String method) {
        return RUNNING.stream()
                .anyMatch(thread -> Arrays.stream(thread.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals(className)
                                && frame.getMethodName().equals(method)));
    }

    /** A thread that a test leaves behind hangs in something, and that is worth knowing. */
    public static void allHaveEnded() throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        for (Thread thread : RUNNING) {
            thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            if (thread.isAlive()) {
                throw new AssertionError("A thread that the tests started has not ended; it is\n\tat "
                        + Arrays.stream(thread.getStackTrace())
                                .map(Object::toString)
                                .collect(Collectors.joining("\n\tat ")));
            }
        }
    }
}
