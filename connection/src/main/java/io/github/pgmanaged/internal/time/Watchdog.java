package io.github.pgmanaged.internal.time;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Cuts an exchange with the server that is not over in time. A network timeout bounds each read and no write, so a
 * server that says a byte now and then, or one that reads nothing, gets past it.
 *
 * <p>One timer thread serves the process. It is ours, and not the JDK's, which would keep the class loader of the
 * application that used it first.
 */
public final class Watchdog {
    private static final long TIMER_LIVES_SECONDS = 10;
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private Watchdog() {}

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(1, task -> Threads.daemon("watchdog", task));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(TIMER_LIVES_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    /** One exchange: whichever comes first, its end or the bite, keeps the other from happening. */
    private static final class Watch implements Runnable {
        private static final int WATCHING = 0;
        private static final int OVER = 1;
        private static final int BITTEN = 2;

        private final AtomicInteger state = new AtomicInteger(WATCHING);
        private final Runnable bite;

        Watch(Runnable bite) {
            this.bite = bite;
        }

        @Override
        public void run() {
            if (state.compareAndSet(WATCHING, BITTEN)) {
                bite.run();
            }
        }

        /** Whether the exchange ended before the bite. */
        boolean end() {
            return state.compareAndSet(WATCHING, OVER);
        }
    }

    /**
     * Runs a task that talks to the server.
     *
     * <p>If no thread can be had for the timer, the task runs unwatched: the driver's network timeout bounds it, too.
     *
     * @param bite ends the task: cuts the socket. It runs on the timer's thread and must not block
     * @throws SQLException if the task did, or was cut
     */
    public static void watch(Deadline deadline, Runnable bite, BoundedCall.Task task) throws SQLException {
        long begun = System.nanoTime();
        Watch watch = new Watch(bite);
        ScheduledFuture<?> alarm = set(watch, Math.max(1, deadline.leftAt(begun)));
        SQLException trouble = null;
        boolean inTime;
        try {
            task.run();
        } catch (SQLException e) {
            trouble = e;
        } finally {
            inTime = watch.end();
            if (alarm != null) {
                alarm.cancel(false);
            }
        }
        if (!inTime) { // and whatever the task did, its session is gone
            throw new SQLNonTransientConnectionException(
                    "The server did not finish its answer within "
                            + TimeUnit.NANOSECONDS.toMillis(deadline.nanoTime() - begun) + " ms; the socket was cut.",
                    "08006",
                    trouble);
        }
        if (trouble != null) {
            throw trouble;
        }
    }

    private static @Nullable ScheduledFuture<?> set(Watch watch, long nanos) {
        try {
            return TIMER.schedule(watch, nanos, TimeUnit.NANOSECONDS);
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            return null; // no thread for the timer
        }
    }
}
