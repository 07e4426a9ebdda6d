package io.github.pgmanaged.internal.listen;

import io.github.pgmanaged.Notification;
import io.github.pgmanaged.NotificationListener;
import io.github.pgmanaged.NotificationListener.Reason;
import io.github.pgmanaged.Subscription;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.time.Deadline;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One subscription: what its listener is to hear, in order, and the calls that tell it, one at a time.
 *
 * <p>A gap is a place in the queue, between an {@link Lost} and the {@link Ready} after it: what is dropped is dropped
 * there.
 *
 * <p>Thread safety: safe. Nothing but the listener's own code blocks.
 */
final class ListenerQueue implements Subscription {
    /** Messages that a listener may be behind; a gap follows on more. */
    static final int MOST_MESSAGES = 10_000;

    /** After a gap for that reason it goes on when so many are left: not for each message that finds room. */
    private static final int FEW_MESSAGES = MOST_MESSAGES / 2;

    /** After so many calls, other subscriptions have their turn on the same thread. */
    private static final int CALLS_IN_A_ROW = 100;

    private final String channel;
    private final NotificationListener listener;
    private final @Nullable Executor executor;
    private final Subscriptions subscriptions;

    /** Where the listener's code may look for classes: that of the thread that has subscribed. */
    private final @Nullable ClassLoader classes = Thread.currentThread().getContextClassLoader();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition resting = lock.newCondition();

    // Guarded by the lock.
    private final Deque<Item> queue = new ArrayDeque<>();
    private int messages;
    private State state = State.OUT;
    private Reason next = Reason.FIRST;
    private boolean scheduled;
    private boolean closed;
    private @Nullable Thread caller;

    /** Whether the listener's own code has begun. Of the thread that calls it. */
    private boolean called;

    /** Whether messages are put into the queue. */
    private enum State {
        /** LISTEN is not in force. */
        OUT,
        /** They are. */
        IN,
        /** The queue was full, and the listener has yet to hear of it. */
        FULL
    }

    /** What the listener is to hear. */
    private sealed interface Item {}

    private record Ready() implements Item {}

    private record Lost(SQLException cause) implements Item {}

    private record Message(Notification notification) implements Item {}

    ListenerQueue(
            String channel, NotificationListener listener, @Nullable Executor executor, Subscriptions subscriptions) {
        this.channel = channel;
        this.listener = listener;
        this.executor = executor;
        this.subscriptions = subscriptions;
    }

    @Override
    public String channel() {
        return channel;
    }

    /** Where the listener is called; null for the thread that is there for all. */
    @Nullable
    Executor executor() {
        return executor;
    }

    @Nullable
    ClassLoader classes() {
        return classes;
    }

    // --- what comes ---------------------------------------------------------------------------------------------

    /** LISTEN is in force. */
    void ready() {
        put(() -> {
            if (state == State.OUT) {
                state = State.IN;
                queue.add(new Ready());
            }
        });
    }

    /** LISTEN is not in force any more. */
    void lost(SQLException cause) {
        put(() -> {
            if (state == State.IN) {
                gap(cause);
            }
            state = State.OUT;
        });
    }

    /** A message. */
    void heard(Notification notification) {
        put(() -> {
            if (state == State.IN && messages == MOST_MESSAGES) {
                state = State.FULL;
                gap(new SQLNonTransientException(
                        "The listener of channel " + channel + " is more than " + MOST_MESSAGES
                                + " messages behind; those that came next were dropped. Take less time for each, or"
                                + " hand them to other threads.",
                        "54000"));
            }
            if (state == State.IN) {
                queue.add(new Message(notification));
                messages++;
            }
        });
    }

    /** A gap begins. One that the listener does not know to be over yet goes on. */
    private void gap(SQLException cause) {
        if (queue.peekLast() instanceof Ready) {
            queue.removeLast();
        } else {
            queue.add(new Lost(cause));
        }
    }

    private void put(Runnable change) {
        boolean toSchedule;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            change.run();
            toSchedule = !scheduled && !queue.isEmpty();
            scheduled |= toSchedule;
        } finally {
            lock.unlock();
        }
        if (toSchedule) {
            subscriptions.schedule(this);
        }
    }

    /** The calls that were scheduled cannot be made. */
    void notScheduled() {
        lock.lock();
        try {
            scheduled = false;
        } finally {
            lock.unlock();
        }
    }

    // --- what the listener hears --------------------------------------------------------------------------------

    /** Calls the listener until it has heard all, or it is somebody else's turn. */
    void callListener() {
        try {
            callInARow();
        } catch (Throwable t) { // an Error of the JVM's, and not the listener's
            subscriptions.retry(this);
        }
    }

    private void callInARow() {
        for (int i = 0; i < CALLS_IN_A_ROW; i++) {
            Item item = begin();
            if (item == null) {
                return;
            }
            called = false;
            try {
                call(item);
            } catch (Throwable t) {
                threw(t);
            } finally {
                end();
            }
        }
        subscriptions.schedule(this);
    }

    private @Nullable Item begin() {
        lock.lock();
        try {
            Item item = queue.poll();
            if (item == null) {
                scheduled = false;
                caller = null;
                return null;
            }
            if (item instanceof Message) {
                messages--;
            }
            if (state == State.FULL && messages <= FEW_MESSAGES) {
                state = State.IN;
                queue.add(new Ready());
            }
            caller = Thread.currentThread();
            return item;
        } finally {
            lock.unlock();
        }
    }

    private void call(Item item) throws Exception {
        if (item instanceof Message message) {
            called = true;
            listener.onNotification(message.notification());
        } else if (item instanceof Lost lost) {
            called = true;
            listener.onLost(lost.cause());
        } else {
            Reason reason = next;
            next = Reason.REOPENED;
            called = true;
            listener.onReady(reason);
        }
    }

    private void threw(Throwable thrown) {
        if (!called) { // an Error of the JVM's: the listener has not heard this one, and is to know it
            SQLException cause = new SQLNonTransientException(
                    "A call of the listener of channel " + channel + " was broken off before it began.",
                    "58000",
                    thrown);
            put(() -> {
                if (state == State.IN) {
                    gap(cause);
                    queue.add(new Ready());
                }
            });
        }
        Log.detachedError(
                "The listener {} of channel {} threw an exception; the next call follows",
                listener.getClass().getName(),
                channel,
                thrown);
    }

    private void end() {
        boolean last;
        lock.lock();
        try {
            caller = null;
            last = closed;
            resting.signalAll();
        } finally {
            lock.unlock();
        }
        if (last) {
            subscriptions.rests(this);
        }
    }

    // --- the end ------------------------------------------------------------------------------------------------

    @Override
    public void close() {
        if (shut()) {
            subscriptions.remove(this);
        }
        awaitRest(Deadline.afterNanos(subscriptions.patienceNanos()));
        if (!isBeingCalled()) {
            subscriptions.rests(this);
        }
    }

    private boolean isBeingCalled() {
        lock.lock();
        try {
            return caller != null;
        } finally {
            lock.unlock();
        }
    }

    /** No call begins any more; returns whether that was not so before. */
    boolean shut() {
        lock.lock();
        try {
            boolean first = !closed;
            closed = true;
            queue.clear();
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the call that is under way, unless this is part of it. */
    void awaitRest(Deadline deadline) {
        long left = deadline.left();
        lock.lock();
        try {
            while (caller != null && caller != Thread.currentThread() && left > 0) {
                left = resting.awaitNanos(left);
            }
            if (caller != null && caller != Thread.currentThread()) {
                Log.detachedWarn(
                        "The listener {} of channel {} did not return within {} ms; its subscription is closed all the"
                                + " same",
                        listener.getClass().getName(),
                        channel,
                        TimeUnit.NANOSECONDS.toMillis(subscriptions.patienceNanos()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** For example {@code Subscription[jobs]}. */
    @Override
    public String toString() {
        return "Subscription[" + channel + "]";
    }
}
