package io.github.pgmanaged.modules;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Forgets a lease for which another thread waits, with so much in memory that to find it out takes a collector long.
 */
final class ForgetfulProgram {
    private static final int NODES = 4_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A chain is marked by one thread, a node at a time. */
    private record Node(Object next) {}

    private ForgetfulProgram() {}

    public static void main(String[] arguments) throws Exception {
        Object chain = null;
        for (int i = 0; i < NODES; i++) {
            chain = new Node(chain);
        }
        try (ManagedConnection manager = ManagedConnection.of(arguments[0])) {
            AtomicReference<Lease> kept = new AtomicReference<>(manager.acquire());
            for (int i = 0; i < 3; i++) { // and it is one of the old objects
                System.gc();
            }
            CompletableFuture<Void> waiter = CompletableFuture.runAsync(() -> {
                try {
                    manager.acquire(PATIENCE).close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            kept.set(null);
            long begun = System.nanoTime();
            while (!waiter.isDone()) {
                System.gc();
                waiter.exceptionally(failure -> null)
                        .completeOnTimeout(null, 300, TimeUnit.MILLISECONDS)
                        .get();
            }
            waiter.get();
            System.out.println("taken back after " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) + " ms, "
                    + manager.stats().abandoned() + " abandoned, " + (chain == null));
        }
    }
}
