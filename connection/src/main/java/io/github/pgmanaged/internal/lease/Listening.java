package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.NotificationListener;
import io.github.pgmanaged.Subscription;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Counters;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.ErrorStanding;
import io.github.pgmanaged.internal.listen.Subscriptions;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.internal.time.Deadline;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of a manager: how they begin and end.
 *
 * <p>Thread safety: safe. What a method says of the turn, its caller has.
 */
final class Listening implements Events {
    private final Subscriptions subscriptions;
    private final Reception reception;
    private final ListeningThread thread;

    /**
     * Nothing is listened to yet.
     *
     * @param giveUp ends a turn in which no lease has begun
     */
    Listening(
            HoldingSlot slot,
            SessionSlot sessions,
            Counters counters,
            HolderMonitor monitor,
            Janitor janitor,
            Consumer<Holding> giveUp,
            Options options) {
        this.subscriptions =
                new Subscriptions(options.label(), Deadline.nanos(options.releaseTimeout()), this::removed);
        sessions.keepWhile(() -> !subscriptions.isEmpty());
        this.reception = new Reception(sessions, options, subscriptions);
        this.thread = new ListeningThread(
                slot, sessions, counters, monitor, janitor, giveUp, options, subscriptions, reception);
    }

    /**
     * Begins a subscription, in the turn.
     *
     * @return null if the manager is closed
     * @throws SQLException if the session cannot listen; then there is none
     */
    @Nullable
    Subscription begin(Session session, String channel, NotificationListener listener, @Nullable Executor executor)
            throws SQLException {
        Set<String> channels = new HashSet<>(subscriptions.channels());
        channels.add(channel);
        reception.listen(session, channels);
        Subscription begun = subscriptions.add(channel, listener, executor);
        boolean done = false;
        try {
            if (begun != null) {
                thread.ensureRunning();
                reception.inForce(session);
            }
            done = true;
        } finally {
            if (!done && begun != null) {
                begun.close(); // nobody else could
            }
        }
        return begun;
    }

    /** Whether an error that the listening has raised says nothing against the session: the server refused it. */
    static boolean leavesSound(Session session, SQLException e) {
        return (ErrorStanding.of(e) == ErrorStanding.HEALTHY || e instanceof SQLFeatureNotSupportedException)
                && session.status() == TransactionStatus.IDLE;
    }

    /** A subscription has ended. The server learns of it now, if that takes no waiting, else with a later turn. */
    private void removed() {
        thread.tryInTurn(session -> reception.listen(session, subscriptions.channels()));
        thread.wake();
    }

    /** Ends all subscriptions; waits for the listeners that are being called. */
    void stop() {
        thread.stop();
        subscriptions.close();
    }

    @Override
    public void opened(long nanos) {
        thread.wake();
    }

    @Override
    public void closed(CloseReason reason) {
        reception.closed(reason);
        thread.wake();
    }

    @Override
    public void resumed(long nanos) {
        thread.wake();
    }
}
