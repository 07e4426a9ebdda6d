package io.github.pgmanaged;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Cuts an exchange with the server that is not over in time. The driver's network timeout bounds each read, and so a
 * server that says a byte now and then, or a line that loses most of them, gets past it.
 *
 * <p>It costs no thread of ours until it bites: the JDK's one timer thread keeps the time.
 */
final class Watchdog {
    private Watchdog() {}

    /**
     * Runs a task that talks to the server.
     *
     * @param bite ends the task: cuts the socket; on a thread of its own
     * @throws SQLException if the task did, or was cut
     */
    @SuppressWarnings("FutureReturnValueIgnored") // of the bite there is nothing to learn
    static void watch(long nanos, Runnable bite, Bounded.Task task) throws SQLException {
        // Ends normally in any case: before JDK 21 a future that fails leaves its alarm set.
        CompletableFuture<Boolean> late = new CompletableFuture<>();
        late.completeOnTimeout(true, nanos, TimeUnit.NANOSECONDS).thenAccept(isLate -> {
            if (isLate) {
                Thread thread = new Thread(bite, "pgmanaged watchdog");
                thread.setDaemon(true);
                thread.start();
            }
        });
        SQLException trouble = null;
        try {
            task.run();
        } catch (SQLException e) {
            trouble = e;
        } finally {
            late.complete(false);
        }
        if (late.join()) { // and whatever the task did, its session is gone
            throw new SQLNonTransientConnectionException(
                    "The server did not finish its answer within " + TimeUnit.NANOSECONDS.toMillis(nanos)
                            + " ms; the socket was cut.",
                    "08006",
                    trouble);
        }
        if (trouble != null) {
            throw trouble;
        }
    }
}
