package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.NotificationListener;
import io.github.pgmanaged.Subscription;
import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Counters;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How a thread begins a subscription: in a brief turn, with the session open, as for a lease.
 *
 * <p>Thread safety: safe.
 */
final class Subscribing {
    private final HoldingSlot slot;
    private final SessionSlot sessions;
    private final Counters events;
    private final Listening listening;
    private final Entry entry;

    /** Whether anybody has ever listened. */
    private final AtomicBoolean listens = new AtomicBoolean();

    /** How a turn begins, gets its session, and ends: as for a lease. */
    interface Entry {
        /**
         * Begins a turn, within the rest of {@code acquireTimeout}.
         *
         * @param begun when the thread came
         * @param came when it began to wait for this turn
         */
        void begin(Holding turn, long begun, long came) throws SQLException;

        /** The session; null if a pause keeps it from being opened. */
        @Nullable
        Session session(long begun) throws SQLException;

        /** Ends a turn, if it has begun. */
        void end(Holding turn);

        /** What whoever comes too late is told. */
        SQLException closed();
    }

    Subscribing(HoldingSlot slot, SessionSlot sessions, Counters events, Listening listening, Entry entry) {
        this.slot = slot;
        this.sessions = sessions;
        this.events = events;
        this.listening = listening;
        this.entry = entry;
    }

    /**
     * Begins a subscription: LISTEN is in force when this returns.
     *
     * @throws SQLException as for a lease, and if the session cannot listen
     */
    Subscription listen(String channel, NotificationListener listener, @Nullable Executor executor)
            throws SQLException {
        long begun = System.nanoTime();
        Subscription subscription = listenUnlessPaused(channel, listener, executor, begun, begun);
        while (subscription == null) {
            subscription = listenUnlessPaused(channel, listener, executor, begun, System.nanoTime());
        }
        return subscription;
    }

    private @Nullable Subscription listenUnlessPaused(
            String channel, NotificationListener listener, @Nullable Executor executor, long begun, long came)
            throws SQLException {
        Holding turn = slot.newBriefTurn();
        try {
            entry.begin(turn, begun, came);
            if (listens.compareAndSet(false, true)) {
                events.add(listening);
            }
            Session session = entry.session(begun);
            if (session == null) {
                return null;
            }
            Subscription subscription = begin(session, channel, listener, executor);
            if (subscription == null) {
                throw entry.closed();
            }
            return subscription;
        } finally {
            try {
                entry.end(turn);
            } finally {
                turn.givenUp = true;
            }
        }
    }

    private @Nullable Subscription begin(
            Session session, String channel, NotificationListener listener, @Nullable Executor executor)
            throws SQLException {
        boolean sound = false;
        try {
            Subscription begun = listening.begin(session, channel, listener, executor);
            sound = true;
            return begun;
        } catch (SQLException e) {
            sound = Listening.leavesSound(session, e);
            throw e;
        } finally {
            if (!sound) { // broken off in the middle of who knows what
                sessions.cut(session, CloseReason.LOST);
            }
        }
    }
}
