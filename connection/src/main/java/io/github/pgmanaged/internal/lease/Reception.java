package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.Notification;
import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.listen.Subscriptions;
import io.github.pgmanaged.internal.session.Notifications;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGNotification;

/**
 * In which session LISTEN is in force, and what the subscribers hear of that: that it is, that it is not any more, and
 * the messages.
 *
 * <p>What an Error breaks off is done again: each step leaves the session out of force until it is done.
 *
 * <p>Thread safety: safe. What a method says of the turn, its caller has.
 */
final class Reception {
    private static final String READ_ONLY = "25006";

    /** A good session is not to be lost to haste. */
    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SessionSlot sessions;
    private final Options options;
    private final Subscriptions subscriptions;

    /** Where LISTEN is in force. Written under the lock of this. */
    private volatile @Nullable Session listened;

    /** Why a session was closed last. */
    private volatile @Nullable CloseReason lastClosed;

    Reception(SessionSlot sessions, Options options, Subscriptions subscriptions) {
        this.sessions = sessions;
        this.options = options;
        this.subscriptions = subscriptions;
    }

    /** Whether LISTEN is in force in a session, for all channels that have a subscription. */
    boolean isInForce(Session session) {
        return session == listened && session.notifications().channels().equals(subscriptions.channels());
    }

    /**
     * Has a session listen to channels, and to no others; in the turn.
     *
     * @throws SQLException if it cannot
     */
    void listen(Session session, Set<String> channels) throws SQLException {
        try {
            if (session != listened && !channels.isEmpty()) {
                session.checkMessagesArrive(); // before: what listens there may be another's next
            }
            session.notifications().listen(channels, new Hearers(session), bound(options));
        } catch (SQLException e) {
            throw explained(e, channels);
        }
    }

    private SQLException explained(SQLException e, Set<String> channels) {
        if (!READ_ONLY.equals(Throwables.sqlState(e))) {
            return e;
        }
        return new SQLNonTransientConnectionException(
                "The server of " + options.label() + " refuses LISTEN " + String.join(", ", channels)
                        + ": it is a standby, which has no notifications. Connect to the primary, with"
                        + " target_session_attrs=primary.",
                READ_ONLY,
                e);
    }

    /**
     * How long the server has to answer in a turn in which no lease begins. Acquirers wait for that turn; should the
     * line be frozen, they need half of their time to open another session.
     */
    static Deadline bound(Options options) {
        long half = Deadline.nanos(options.acquireTimeout()) / 2;
        long most = Deadline.nanos(options.releaseTimeout());
        return Deadline.afterNanos(half == 0 ? most : Math.min(most, Math.max(SHORTEST_NANOS, half)));
    }

    /** The session listens to all channels; in the turn. */
    void inForce(Session session) {
        synchronized (this) {
            if (listened != session) {
                if (listened != null) {
                    lost(loss());
                }
                lastClosed = null;
            }
            subscriptions.ready();
            listened = session; // last: until then it is all done again, should an Error break it off
        }
        lostIfGone(); // meanwhile, and who looked may have looked too early
    }

    /**
     * All subscriptions, as one session knows them. Where LISTEN is not in force it has nothing to say: a session that
     * is over may still have a thread in one of its calls, and what comes before {@code onReady} is in the backlog.
     */
    private final class Hearers implements Notifications.Subscribers {
        private final Session session;

        Hearers(Session session) {
            this.session = session;
        }

        @Override
        public void heard(PGNotification message) {
            synchronized (Reception.this) {
                if (listened == session) {
                    subscriptions.heard(new Notification(message.getName(), message.getParameter(), message.getPID()));
                }
            }
        }

        @Override
        public void missed() {
            Reception.this.missed(session);
        }
    }

    /** A session has not listened for a while, and does again. */
    synchronized void missed(Session session) {
        if (listened == session) {
            lost(new SQLNonTransientException(
                    "The session of " + options.label() + " ceased to listen for a while, since a lease executed"
                            + " UNLISTEN or DISCARD ALL. Messages may have been missed.",
                    "55000"));
            subscriptions.ready();
            listened = session;
        }
    }

    /** A session was closed. */
    void closed(CloseReason reason) {
        lastClosed = reason;
    }

    /** Tells the listeners, if the session in which LISTEN was in force is gone. */
    synchronized void lostIfGone() {
        Session known = listened;
        if (known != null && (known.isClosed() || known != sessions.session())) {
            lost(loss());
        }
    }

    /** Tells the listeners, if LISTEN was in force in a session that is lost now. */
    synchronized void lost(Session session, SQLException cause) {
        if (listened == session) {
            lost(cause);
        }
    }

    private synchronized void lost(SQLException cause) {
        subscriptions.lost(cause);
        listened = null;
    }

    private SQLException loss() {
        CloseReason reason = lastClosed;
        String why = reason == null
                ? "its connection was lost"
                : switch (reason) {
                    case RELEASE -> "it was closed with a lease";
                    case RELEASE_FAILED -> "the release of a lease could not settle it";
                    case LOST, ACQUIRE_FAILED -> "its connection was lost";
                    case VALIDATION -> "it did not pass its validation";
                    case LIFETIME -> "it had lived for its maxLifetime";
                    case IDLE -> "its idleTimeout was over";
                    case RESET -> "reset() was called";
                    case DRAINED -> "drain() was called, and the manager is paused until it is resumed";
                    case REVOKED -> "its lease was revoked or abandoned";
                    case MANAGER_CLOSED -> "the manager was closed";
                };
        return new SQLNonTransientConnectionException(
                "The session of " + options.label() + " was closed: " + why
                        + ". Messages may be missed until another session listens.",
                "08006");
    }
}
