package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.Holder;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the server whether it answers, if nobody holds the lease, and says who holds it otherwise. One question is under
 * way at a time, on a thread of its own, and each caller waits for it for a bounded time. So neither a holder nor a
 * silent server blocks a health check.
 *
 * <p>Thread safety: safe.
 */
public final class SessionProbe {
    /**
     * What is known of the connection.
     *
     * @param up false if the server cannot be reached, or does not answer
     * @param details who holds the lease, since when, how many wait
     * @param error why it is not up; null if it is, or nothing was thrown
     */
    public record Finding(
            boolean up,
            Map<String, Object> details,
            @Nullable Throwable error) {}

    private final ManagedConnection manager;
    private final Duration timeout;

    /** The question that is under way or was answered last, and who asks it. Guarded by this. */
    private @Nullable CompletableFuture<Finding> question;

    private @Nullable Thread asking;

    /**
     * A probe of a manager.
     *
     * @param manager whose server is asked
     * @param timeout how long a caller waits for an answer
     */
    public SessionProbe(ManagedConnection manager, Duration timeout) {
        this.manager = manager;
        this.timeout = timeout;
    }

    /**
     * What is known now, within the timeout.
     *
     * @return the finding
     */
    public Finding check() {
        Optional<Holder> holder = manager.holder();
        if (holder.isPresent() && !isOurs(holder.get())) {
            return held(holder);
        }
        try {
            return ask().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new Finding(false, details("no answer within " + timeout.toMillis() + " ms"), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Finding(false, details("interrupted while waiting for an answer"), e);
        } catch (ExecutionException e) {
            return new Finding(false, details("not reachable"), e.getCause());
        }
    }

    private synchronized boolean isOurs(Holder holder) {
        return holder.thread() == asking;
    }

    private synchronized CompletableFuture<Finding> ask() {
        if (question == null || question.isDone()) {
            CompletableFuture<Finding> next = new CompletableFuture<>();
            Thread thread = new Thread(
                    () -> {
                        try {
                            next.complete(answer());
                        } catch (Throwable t) { // whatever it is, a caller waits
                            next.completeExceptionally(t);
                        }
                    },
                    "pgmanaged-health");
            thread.setDaemon(true);
            question = next;
            asking = thread;
            thread.start();
        }
        return question;
    }

    private Finding answer() throws SQLException {
        int seconds = (int) Math.min(Integer.MAX_VALUE, Math.max(1, timeout.toSeconds()));
        for (int attempt = 1; attempt <= 2; attempt++) { // a session may have died unnoticed: then with a new one
            Optional<Lease> lease = manager.tryAcquire();
            if (lease.isEmpty()) {
                return held(manager.holder());
            }
            try (Lease free = lease.get()) {
                if (free.isValid(seconds)) {
                    return new Finding(true, details("free"), null);
                }
            }
        }
        return new Finding(false, details("two sessions in turn gave no answer"), null);
    }

    /** Whether the server answers the holder is not known, and not for us to ask. */
    private Finding held(Optional<Holder> holder) {
        Map<String, Object> details = details("held");
        holder.ifPresent(lease -> {
            details.put("holder", lease.thread().getName());
            details.put("heldSince", lease.since().toString());
            details.put("heldFor", lease.heldFor().toMillis() + " ms");
        });
        return new Finding(true, details, null);
    }

    private Map<String, Object> details(String session) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("database", "PostgreSQL");
        details.put("lease", session);
        details.put("waiting", manager.waiters().count());
        return details;
    }
}
