package io.github.pgmanaged.internal.listen;

import io.github.pgmanaged.Notification;
import io.github.pgmanaged.NotificationListener;
import io.github.pgmanaged.Subscription;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Threads;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of a manager, and the thread that calls their listeners, or has their executors do it. It runs as
 * long as there are any.
 *
 * <p>Thread safety: safe. Nothing here blocks but {@link #close} and foreign executors, on that thread.
 */
public final class Subscriptions {
    /** After an executor has refused to call a listener. */
    private static final long RETRY_MILLIS = 1000;

    private final String manager;
    private final long patienceNanos;
    private final Runnable onRemoval;

    /** Replaced by a new one under the lock; read without. */
    private volatile List<ListenerQueue> all = List.of();

    /** Guarded by this; null while there are no subscriptions. */
    private @Nullable ScheduledThreadPoolExecutor thread;

    private boolean closed;

    /** Closed one by one, and their listeners may still be being called. Guarded by this. */
    private final Set<ListenerQueue> ending = new HashSet<>();

    /**
     * None yet.
     *
     * @param patienceNanos how long the closing of a subscription waits for its listener
     * @param onRemoval what happens after one was closed
     */
    public Subscriptions(String manager, long patienceNanos, Runnable onRemoval) {
        this.manager = manager;
        this.patienceNanos = patienceNanos;
        this.onRemoval = onRemoval;
    }

    // --- coming and going ---------------------------------------------------------------------------------------

    /**
     * Adds a subscription to a channel that is listened to.
     *
     * @return null if all are closed
     */
    public synchronized @Nullable Subscription add(
            String channel, NotificationListener listener, @Nullable Executor executor) {
        if (closed) {
            return null;
        }
        if (thread == null) {
            thread = newThread();
        }
        ListenerQueue added = new ListenerQueue(channel, listener, executor, this);
        List<ListenerQueue> more = new ArrayList<>(all);
        more.add(added);
        all = List.copyOf(more);
        return added;
    }

    private static ScheduledThreadPoolExecutor newThread() {
        ScheduledThreadPoolExecutor made = new ScheduledThreadPoolExecutor(1, task -> Threads.daemon("listener", task));
        made.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        made.prestartCoreThread(); // not in the middle of a lease
        return made;
    }

    void remove(ListenerQueue closing) {
        synchronized (this) {
            List<ListenerQueue> less = new ArrayList<>(all);
            less.remove(closing);
            ending.add(closing);
            all = List.copyOf(less);
            if (less.isEmpty() && thread != null) {
                thread.shutdown(); // after the call that is under way
                thread = null;
            }
        }
        onRemoval.run();
    }

    /** The listener of a subscription that was closed is not called any more. */
    synchronized void rests(ListenerQueue closed) {
        ending.remove(closed);
    }

    /** Closes all; waits for the listeners that are being called, those of subscriptions closed before, too. */
    public void close() {
        List<ListenerQueue> closing;
        synchronized (this) {
            closed = true;
            closing = new ArrayList<>(all);
            closing.addAll(ending);
            all = List.of();
            if (thread != null) {
                thread.shutdown();
                thread = null;
            }
        }
        closing.forEach(ListenerQueue::shut);
        Deadline deadline = Deadline.afterNanos(patienceNanos);
        closing.forEach(queue -> queue.awaitRest(deadline));
    }

    long patienceNanos() {
        return patienceNanos;
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** The channels that have a subscription. */
    public Set<String> channels() {
        return all.stream().map(ListenerQueue::channel).collect(Collectors.toUnmodifiableSet());
    }

    // --- what happens -------------------------------------------------------------------------------------------

    /** All channels that have a subscription are listened to. */
    public void ready() {
        all.forEach(ListenerQueue::ready);
    }

    /** No channel is listened to any more. */
    public void lost(SQLException cause) {
        all.forEach(queue -> queue.lost(cause));
    }

    /** A message has come. */
    public void heard(Notification notification) {
        for (ListenerQueue queue : all) {
            if (queue.channel().equals(notification.channel())) {
                queue.heard(notification);
            }
        }
    }

    // --- calling ------------------------------------------------------------------------------------------------

    /** Has the listener called, soon. */
    void schedule(ListenerQueue queue) {
        boolean scheduled = false;
        try {
            scheduled = onThread(executor -> executor.execute(() -> call(queue)));
        } finally {
            if (!scheduled) {
                queue.notScheduled();
            }
        }
    }

    private synchronized boolean onThread(Consumer<ScheduledThreadPoolExecutor> task) {
        ScheduledThreadPoolExecutor known = thread;
        if (known != null) {
            task.accept(known);
        }
        return known != null;
    }

    private void call(ListenerQueue queue) {
        try {
            Executor executor = queue.executor();
            if (executor == null) {
                Thread.interrupted(); // what a listener has done to this thread, the next is not to suffer
                Thread.currentThread().setContextClassLoader(queue.classes());
                queue.callListener();
            } else {
                executor.execute(queue::callListener);
            }
        } catch (Throwable t) {
            refused(queue, t);
        }
    }

    private void refused(ListenerQueue queue, Throwable why) {
        Log.detachedWarn(
                "The listener of channel {} of {} could not be called ({}); it is tried again in {} ms",
                queue.channel(),
                manager,
                why instanceof RejectedExecutionException
                        ? "RejectedExecutionException"
                        : why.getClass().getName(),
                RETRY_MILLIS);
        retry(queue);
    }

    /** Has the listener called after a while. */
    void retry(ListenerQueue queue) {
        boolean retried = false;
        try {
            retried = onThread(known -> {
                var unused = known.schedule(() -> call(queue), RETRY_MILLIS, TimeUnit.MILLISECONDS);
            });
        } finally {
            if (!retried) {
                queue.notScheduled();
            }
        }
    }
}
