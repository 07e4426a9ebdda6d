package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.Notification;
import io.github.pgmanaged.NotificationListener;
import io.github.pgmanaged.Subscription;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Counters;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.ErrorStanding;
import io.github.pgmanaged.internal.listen.Subscriptions;
import io.github.pgmanaged.internal.session.Backoff;
import io.github.pgmanaged.internal.session.NoSessionException;
import io.github.pgmanaged.internal.session.Notifications;
import io.github.pgmanaged.internal.session.Patience;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Threads;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGNotification;

/**
 * Keeps the session listening as long as there are subscriptions. Its thread opens the session when it is closed, has
 * it LISTEN, and waits for messages while nobody holds the lease; it takes a turn, a short one, only when there is
 * something to say or to read. While a lease is held, messages come with the answers that its holder gets.
 *
 * <p>Thread safety: safe. What a method says of the turn, its caller has.
 */
final class Listening implements Events {
    /** How often it looks whether others still use the session. Then messages come with their answers. */
    private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long it keeps the turn for an opening, which goes on without it. */
    private static final long OPENING_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long LONGEST_NAP_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final long RECOVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String READ_ONLY = "25006";

    private final HoldingSlot slot;
    private final SessionSlot sessions;
    private final Counters counters;
    private final HolderMonitor monitor;
    private final Janitor janitor;
    private final Consumer<Holding> giveUp;
    private final Options options;
    private final long silenceNanos;
    private final Subscriptions subscriptions;

    /** Where LISTEN is in force. Written under the lock of this. */
    private volatile @Nullable Session listened;

    /** Why a session was closed last. */
    private volatile @Nullable CloseReason lastClosed;

    private volatile boolean stopped;

    /** Written under the lock of this. */
    private volatile @Nullable Thread thread;

    // Of the thread's own.
    private final Backoff backoff = new Backoff();
    private boolean failed;

    /** How many leases there had been when it looked last. */
    private long leasesSeen;

    /** Something to do in a turn, with the session. */
    @FunctionalInterface
    private interface Task {
        void run(Session session) throws SQLException;
    }

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
        this.slot = slot;
        this.sessions = sessions;
        this.counters = counters;
        this.monitor = monitor;
        this.janitor = janitor;
        this.giveUp = giveUp;
        this.options = options;
        this.silenceNanos = Deadline.nanos(options.listenSilence());
        this.subscriptions =
                new Subscriptions(options.label(), Deadline.nanos(options.releaseTimeout()), this::removed);
    }

    // --- subscriptions ------------------------------------------------------------------------------------------

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
        listen(session, channels);
        Subscription begun = subscriptions.add(channel, listener, executor);
        if (begun != null) {
            sessions.keep(true);
            ensureRunning();
            inForce(session);
        }
        return begun;
    }

    private void listen(Session session, Set<String> channels) throws SQLException {
        try {
            if (session != listened && !channels.isEmpty()) {
                session.checkMessagesArrive(); // before: what listens there may be another's next
            }
            session.notifications().listen(channels, new Hearers(session), bound());
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

    private Deadline bound() {
        return Deadline.after(options.releaseTimeout());
    }

    /** The session listens to all channels; in the turn. */
    private void inForce(Session session) {
        synchronized (this) {
            if (listened != session) {
                if (listened != null) {
                    subscriptions.lost(loss());
                }
                listened = session;
                lastClosed = null;
            }
            subscriptions.ready();
        }
        lostIfGone(); // meanwhile, and who looked may have looked too early
    }

    /** A subscription has ended. The server learns of it now, if that takes no waiting, else with a later turn. */
    private void removed() {
        if (subscriptions.isEmpty()) {
            sessions.keep(false);
        }
        tryInTurn(session -> session.notifications().listen(subscriptions.channels(), new Hearers(session), bound()));
        wake();
    }

    /** Ends all subscriptions; waits for the listeners that are being called. */
    void stop() {
        stopped = true;
        wake();
        subscriptions.close();
    }

    // --- what happens -------------------------------------------------------------------------------------------

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
            synchronized (Listening.this) {
                if (listened == session) {
                    subscriptions.heard(new Notification(message.getName(), message.getParameter(), message.getPID()));
                }
            }
        }

        @Override
        public void missed() {
            synchronized (Listening.this) {
                if (listened == session) {
                    subscriptions.lost(new SQLNonTransientException(
                            "The session of " + options.label() + " ceased to listen for a while, since a lease"
                                    + " executed UNLISTEN or DISCARD ALL. Messages may have been missed.",
                            "55000"));
                    subscriptions.ready();
                }
            }
        }
    }

    @Override
    public void opened(long nanos) {
        wake();
    }

    @Override
    public void closed(CloseReason reason) {
        lastClosed = reason;
        wake();
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    /** Tells the listeners, if the session in which LISTEN was in force is gone. */
    private synchronized void lostIfGone() {
        Session known = listened;
        if (known != null && (known.isClosed() || known != sessions.session())) {
            lost(loss());
        }
    }

    private synchronized void lost(SQLException cause) {
        listened = null;
        subscriptions.lost(cause);
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
                    case REVOKED -> "its lease was revoked or abandoned";
                    case MANAGER_CLOSED -> "the manager was closed";
                };
        return new SQLNonTransientConnectionException(
                "The session of " + options.label() + " was closed: " + why
                        + ". Messages may be missed until another session listens.",
                "08006");
    }

    // --- the thread ---------------------------------------------------------------------------------------------

    private synchronized void ensureRunning() {
        Thread known = thread;
        if (known == null || !known.isAlive()) {
            Thread started = Threads.daemon("listening", this::run);
            started.start();
            thread = started;
        }
    }

    private void run() {
        while (!isToEnd()) {
            try {
                step(System.nanoTime());
            } catch (Turnstile.ClosedException e) {
                stopped = true; // the manager is being closed
            } catch (Throwable t) { // and what had to be done has to be done yet
                Log.detachedError("The listening thread of {} failed; it goes on", options.label(), t);
                LockSupport.parkNanos(this, RECOVERY_NANOS);
            }
        }
    }

    private synchronized boolean isToEnd() {
        Session known = sessions.session();
        boolean listens = known != null && !known.notifications().channels().isEmpty();
        boolean ends = stopped || (subscriptions.isEmpty() && !listens);
        if (ends) {
            thread = null;
            listened = null;
        }
        return ends;
    }

    private void step(long now) {
        lostIfGone();
        Session known = sessions.session();
        if (known == null
                || known != listened
                || known.isOver(now)
                || !known.notifications().channels().equals(subscriptions.channels())) {
            listen();
            return;
        }
        long silence = silenceNanos - known.silentFor(now);
        if (silence <= 0) {
            if (!tryInTurn(this::check)) { // somebody else talks to it
                LockSupport.parkNanos(this, BUSY_NANOS);
            }
            return;
        }
        if (isBusy()) {
            LockSupport.parkNanos(this, BUSY_NANOS);
            return;
        }
        long left = Math.min(Math.min(silence, known.lifeLeft(now)), LONGEST_NAP_NANOS);
        if (known.notifications().await(left) && !tryInTurn(this::read)) {
            LockSupport.parkNanos(this, BUSY_NANOS);
        }
    }

    /** Whether others use the session: somebody has it, or has had it since this was asked last. */
    private boolean isBusy() {
        long leases = counters.leases();
        boolean busy = leases != leasesSeen || slot.current() != null;
        leasesSeen = leases;
        return busy;
    }

    private void read(Session session) throws SQLException {
        if (session.notifications().read(bound())) {
            session.provedSound(System.nanoTime());
        }
    }

    private void check(Session session) throws SQLException {
        session.notifications().check(bound());
        session.provedSound(System.nanoTime());
        if (!session.matchesTarget(bound())) {
            throw new SQLNonTransientConnectionException(
                    "The server of " + options.label() + " is not what target_session_attrs asks for any more.",
                    "08006");
        }
    }

    /**
     * Does something in a turn, if that takes no waiting. If it fails the session is lost.
     *
     * @return whether there was a turn
     */
    private boolean tryInTurn(Task task) {
        Holding turn = slot.newBriefTurn();
        try {
            if (!slot.tryBegin(turn)) {
                return false;
            }
            Session session = sessions.session();
            if (session != null && !session.isClosed()) {
                cutUnlessDone(session, task);
            }
            return true;
        } finally {
            end(turn);
        }
    }

    private void cutUnlessDone(Session session, Task task) {
        boolean done = false;
        try {
            task.run(session);
            done = true;
        } catch (SQLException e) {
            synchronized (this) {
                if (listened == session) {
                    lost(e);
                }
            }
            Log.detachedInfo("The session of {} is lost while it listens: {}", options.label(), Throwables.text(e));
        } finally {
            if (!done) {
                sessions.cut(session, CloseReason.LOST);
            }
        }
    }

    private void end(Holding turn) {
        try {
            giveUp.accept(turn);
        } finally {
            turn.givenUp = true;
        }
    }

    /** Has the session listen, and opens it before. If that does not succeed, it is tried again after a pause. */
    private void listen() {
        try {
            if (tryToListen()) {
                backoff.succeeded();
                if (failed) {
                    failed = false;
                    Log.detachedInfo("{} listens again", options.label());
                }
            }
        } catch (SQLException e) {
            long now = System.nanoTime();
            backoff.failed(now);
            if (!failed && !stopped) {
                failed = true;
                Log.detachedWarn(
                        "{} cannot listen, and tries again until it can: {}", options.label(), Throwables.text(e));
            }
            LockSupport.parkNanos(this, backoff.pauseNanos(now));
        } catch (InterruptedException e) {
            // Nobody interrupts this thread but by mistake.
            LockSupport.parkNanos(this, BUSY_NANOS);
        }
    }

    /** Returns whether it listens now; not, if the session is still being opened. */
    private boolean tryToListen() throws SQLException, InterruptedException {
        Holding turn = slot.newBriefTurn();
        try {
            if (!slot.beginAside(turn, LONGEST_NAP_NANOS, monitor)) {
                return false;
            }
            slot.resetInTurn();
            janitor.ensureRunning();
            Session session = open();
            if (session == null) {
                return false;
            }
            boolean sound = false;
            try {
                listen(session, subscriptions.channels());
                sound = true;
            } catch (SQLException e) {
                sound = ErrorStanding.of(e) == ErrorStanding.HEALTHY && session.status() == TransactionStatus.IDLE;
                throw e;
            } finally {
                if (!sound) {
                    sessions.cut(session, CloseReason.LOST);
                }
            }
            inForce(session);
            return true;
        } catch (NoSessionException e) {
            SQLException failure = e.lastFailure();
            if (failure != null) {
                throw failure;
            }
            return false;
        } finally {
            end(turn);
        }
    }

    private @Nullable Session open() throws SQLException, InterruptedException, NoSessionException {
        long now = System.nanoTime();
        Session known = sessions.session();
        if (known != null && !known.isClosed() && !known.isOver(now)) {
            return known; // which needs no validation: it is asked something anyway
        }
        return sessions.ready(now, now, OPENING_NANOS, Patience.NONE);
    }
}
