package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.Holder;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.Opening;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the server whether it answers, if the lease is free. Where another thread has it, or is getting it, this only
 * looks: at who that is, and at what the last attempt to reach the server has come to. One question is under way at a
 * time, on a thread of its own, and each caller waits for it for a bounded time. So neither a holder, nor an opening,
 * nor a silent server blocks a health check.
 *
 * <p>Thread safety: safe.
 */
public final class SessionProbe {
    private static final Logger LOG = LoggerFactory.getLogger(SessionProbe.class);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    /**
     * What is known of the connection.
     *
     * @param status the code of a status of Boot's: UP; OUT_OF_SERVICE if the manager is paused; DOWN if the server
     *     cannot be reached, or does not answer; UNKNOWN if it is being asked for the first session, or for another
     *     one, and has not been for long
     * @param details who has the lease, since when, how many wait, what went wrong
     */
    public record Finding(String status, Map<String, Object> details) {
        /**
         * The same in another form.
         *
         * @param <T> that form
         * @param form makes it
         * @return what it has made
         */
        public <T> T as(BiFunction<String, Map<String, Object>, T> form) {
            return form.apply(status, details);
        }
    }

    private final ManagedConnection manager;
    private final Duration timeout;

    /** The question that is under way or was answered last, and who asks it. Guarded by this. */
    private @Nullable CompletableFuture<Finding> question;

    private @Nullable Thread asking;

    /**
     * A probe of a manager.
     *
     * @param manager whose server is asked
     * @param timeout how long a caller waits for an answer, and a session may take to open before it is given up here
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
        Optional<Finding> seen = look();
        if (seen.isPresent()) {
            return seen.get();
        }
        try {
            return ask().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return finding("DOWN", "no answer within " + timeout.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return finding("DOWN", "interrupted while waiting for an answer");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            LOG.warn("The health check of {} failed", manager, cause);
            Finding failed = finding("DOWN", "not reachable");
            failed.details().put("error", cause.getClass().getName() + ": " + cause.getMessage());
            return failed;
        }
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
        long begun = System.nanoTime();
        int dead = 0;
        while (dead < 2) { // a session may have died unnoticed: then with a new one
            Optional<Lease> lease = manager.tryAcquire();
            if (lease.isPresent()) {
                try (Lease free = lease.get()) {
                    if (free.isValid(seconds)) {
                        return finding("UP", "free");
                    }
                }
                dead++;
                continue;
            }
            Optional<Finding> seen = look();
            if (seen.isPresent()) {
                return seen.get();
            }
            if (System.nanoTime() - begun > timeout.toNanos()) { // it has changed hands at each look
                return finding("UP", "changing hands");
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
        return finding("DOWN", "two sessions in turn gave no answer");
    }

    // --- looking ------------------------------------------------------------------------------------------------

    /** What is to be seen while another thread has the lease or is getting it; empty if none is. Never blocks. */
    private Optional<Finding> look() {
        Optional<Holder> holder = manager.holder().filter(other -> !isOurs(other.thread()));
        if (holder.isPresent()) {
            return holder.map(this::held);
        }
        if (manager.isPaused()) { // nobody gets the lease, nor do we
            return Optional.of(finding("OUT_OF_SERVICE", "paused"));
        }
        return manager.opening()
                .filter(opening ->
                        opening.thread().filter(other -> !isOurs(other)).isPresent())
                .map(this::beingOpened);
    }

    private synchronized boolean isOurs(Thread thread) {
        return thread == asking;
    }

    /** Whether the server answers the holder is not known, and not for us to ask. */
    private Finding held(Holder lease) {
        Finding held = finding("UP", "held");
        held.details().put("holder", name(lease.thread()));
        held.details().put("heldSince", lease.since().toString());
        held.details().put("heldFor", lease.heldFor().toMillis() + " ms");
        return held;
    }

    /** Whether the server answers is for the thread that opens to find out. */
    private Finding beingOpened(Opening opening) {
        if (opening.lastFailure().isPresent()) {
            Opening.Failure last = opening.lastFailure().get();
            Finding down = finding("DOWN", "not reachable");
            down.details().put("failures", opening.failures());
            down.details().put("failingFor", opening.lasting().toMillis() + " ms");
            down.details().put("error", last.message());
            if (last.sqlState() != null) {
                down.details().put("sqlState", last.sqlState());
            }
            return with(opening, down);
        }
        if (opening.lasting().compareTo(timeout) > 0) {
            return with(
                    opening,
                    finding("DOWN", "no session within " + opening.lasting().toMillis() + " ms"));
        }
        return manager.isOpen() // all that is known of it is good
                ? finding("UP", "changing hands")
                : with(opening, finding("UNKNOWN", "being opened"));
    }

    private static Finding with(Opening opening, Finding finding) {
        opening.thread().ifPresent(thread -> finding.details().put("openedBy", name(thread)));
        return finding;
    }

    /** Virtual threads have no name unless they are given one. */
    private static String name(Thread thread) {
        return thread.getName().isEmpty() ? "thread #" + thread.getId() : thread.getName();
    }

    private Finding finding(String status, String lease) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("database", "PostgreSQL");
        details.put("lease", lease);
        details.put("waiting", manager.waiters().count());
        return new Finding(status, details);
    }
}
