package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Does blocking system calls for virtual threads. junixsocket's own way has as many threads for that as there are
 * processors, and each stays with one socket until something comes: a few virtual threads that wait for the server keep
 * all others from reading. It also tries a refused connection for ever.
 *
 * <p>Thread safety: safe.
 */
final class PlatformThreads {
    private static final @Nullable MethodHandle IS_VIRTUAL = isVirtual();

    /** As many threads as there are calls at once; they go when nothing is to be done. */
    private static final ExecutorService POOL =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                // What belongs to the thread that happens to be the first to call is none of its business.
                Thread thread = new Thread(null, task, "pgmanaged-socket", 0, false);
                thread.setContextClassLoader(null);
                thread.setDaemon(true);
                return thread;
            });

    private PlatformThreads() {}

    /** A blocking call. */
    interface Call<T> {
        T run() throws IOException;
    }

    /**
     * Runs the call here if this is a platform thread, else on one; an interrupt does not end it, as it does not on a
     * platform thread.
     */
    static <T> T run(Call<T> call) throws IOException {
        if (!onVirtualThread()) {
            return call.run();
        }
        Future<T> result = POOL.submit(call::run);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IOException rethrown(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException e) {
            throw e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return cause instanceof IOException e ? e : new IOException(cause);
    }

    private static boolean onVirtualThread() {
        try {
            return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** JDK 21 and newer have it. */
    private static @Nullable MethodHandle isVirtual() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }
}
