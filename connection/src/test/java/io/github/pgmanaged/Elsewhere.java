package io.github.pgmanaged;

import java.util.concurrent.CompletableFuture;

/** Work in a thread of its own; the common pool has as few as one. */
final class Elsewhere {
    private Elsewhere() {}

    interface Call<T> {
        T call() throws Exception;
    }

    interface Run {
        void run() throws Exception;
    }

    static <T> CompletableFuture<T> call(Call<T> call) {
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

    static CompletableFuture<Void> run(Run run) {
        return call(() -> {
            run.run();
            return null;
        });
    }
}
