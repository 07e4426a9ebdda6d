package io.github.pgmanaged.faults.failover;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Work in a thread of its own. */
public final class Elsewhere {
    private Elsewhere() {}

    public static <T> CompletableFuture<T> call(Callable<T> call) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        future.complete(call.call());
                    } catch (Throwable t) {
                        future.completeExceptionally(t);
                    }
                },
                "elsewhere");
        thread.setDaemon(true);
        thread.start();
        return future;
    }
}
