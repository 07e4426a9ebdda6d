package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Counters;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.listen.Subscriptions;
import io.github.pgmanaged.internal.session.Backoff;
import io.github.pgmanaged.internal.session.NoSessionException;
import io.github.pgmanaged.internal.session.Patience;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Threads;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the session listening as long as there are subscriptions: opens it when it is closed, has it LISTEN, and waits
 * for messages while nobody holds the lease. It takes a turn, a brief one, only when there is something to say or to
 * read. While a lease is held, messages come with the answers that its holder gets.
 *
 * <p>In a pause it goes on with the session that is there, be it over its lifetime, and opens none.
 *
 * <p>Thread safety: {@link #ensureRunning}, {@link #wake}, {@link #stop} and {@link #tryInTurn} are for any thread; the
 * rest is the thread's own.
 */
final class ListeningThread {
    /** How often it looks whether others still use the session. Then messages come with their answers. */
    private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How long it keeps the turn for an opening, which goes on without it. */
    private static final long OPENING_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long LONGEST_NAP_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final long RECOVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final HoldingSlot slot;
    private final SessionSlot sessions;
    private final Counters counters;
    private final HolderMonitor monitor;
    private final Janitor janitor;
    private final Consumer<Holding> giveUp;
    private final Options options;
    private final long silenceNanos;
    private final Subscriptions subscriptions;
    private final Reception reception;

    /** Written under the lock of this. */
    private volatile @Nullable Thread thread;

    private volatile boolean stopped;

    // Of the thread's own.
    private final Backoff backoff = new Backoff();
    private boolean failed;

    /** When the server was last known to listen, by {@link System#nanoTime()}. */
    private long checkedAt = System.nanoTime();

    /** How many leases there had been when it looked last. */
    private long leasesSeen;

    /** Something to do in a turn, with the session. */
    @FunctionalInterface
    interface Task {
        void run(Session session) throws SQLException;
    }

    ListeningThread(
            HoldingSlot slot,
            SessionSlot sessions,
            Counters counters,
            HolderMonitor monitor,
            Janitor janitor,
            Consumer<Holding> giveUp,
            Options options,
            Subscriptions subscriptions,
            Reception reception) {
        this.slot = slot;
        this.sessions = sessions;
        this.counters = counters;
        this.monitor = monitor;
        this.janitor = janitor;
        this.giveUp = giveUp;
        this.options = options;
        this.silenceNanos = Deadline.nanos(options.listenSilence());
        this.subscriptions = subscriptions;
        this.reception = reception;
    }

    synchronized void ensureRunning() {
        Thread known = thread;
        if (known == null || !known.isAlive()) {
            Thread started = Threads.daemon("listening", this::run);
            started.start();
            thread = started;
        }
    }

    /** There may be something to do. Should an Error have ended the thread, there is another one. */
    void wake() {
        Thread known = thread;
        if (known != null && !known.isAlive()) {
            ensureRunning();
        } else {
            LockSupport.unpark(known);
        }
    }

    void stop() {
        stopped = true;
        wake();
    }

    private void run() {
        boolean ended = false;
        while (!ended) {
            try {
                ended = isToEnd();
                if (!ended) {
                    step(System.nanoTime());
                }
            } catch (Turnstile.ClosedException e) {
                stopped = true; // the manager is being closed
            } catch (Throwable t) { // and what had to be done has to be done yet
                recoverFrom(t);
            }
        }
    }

    private void recoverFrom(Throwable thrown) {
        try {
            Log.detachedError("The listening thread of {} failed; it goes on", options.label(), thrown);
            LockSupport.parkNanos(this, RECOVERY_NANOS);
        } catch (Throwable t) { // it goes on all the same
            return;
        }
    }

    private synchronized boolean isToEnd() {
        Session known = sessions.session();
        boolean listens = known != null && !known.notifications().channels().isEmpty();
        boolean ends = stopped || (subscriptions.isEmpty() && !listens);
        if (ends) {
            thread = null;
        }
        return ends;
    }

    private void step(long now) {
        reception.lostIfGone();
        boolean paused = slot.barredFor() != null; // asked first: who resumes wakes this thread after that
        Session known = sessions.session();
        if (paused && (known == null || known.isClosed())) {
            // A thread that has the turn may be opening one, and this one is woken just before it is there.
            LockSupport.parkNanos(this, slot.current() == null ? LONGEST_NAP_NANOS : BUSY_NANOS);
            return;
        }
        if (known == null || !reception.isInForce(known) || (known.isOver(now) && !paused)) {
            listen();
            return;
        }
        if (known.notifications().hasFailed()) {
            reception.missed(known);
        }
        long silence = silenceNanos - (now - checkedAt); // whatever else is said: a lease may have ended the listening
        if (silence <= 0) {
            check();
            return;
        }
        if (isBusy()) {
            LockSupport.parkNanos(this, BUSY_NANOS);
            return;
        }
        long life = paused ? LONGEST_NAP_NANOS : known.lifeLeft(now);
        long left = Math.min(Math.min(silence, life), LONGEST_NAP_NANOS);
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
        if (session.notifications().read(Reception.bound(options))) {
            session.provedSound(System.nanoTime());
        }
    }

    /** While leases follow one another without a pause it waits in the queue, as they do. */
    private void check() {
        if (tryInTurn(this::check)) {
            return;
        }
        Holding turn = slot.newBriefTurn();
        try {
            Session session = slot.beginAside(turn, LONGEST_NAP_NANOS, monitor) ? sessions.session() : null;
            if (session != null && !session.isClosed()) {
                cutUnlessDone(session, this::check);
            }
        } catch (InterruptedException e) {
            LockSupport.parkNanos(this, BUSY_NANOS);
        } finally {
            end(turn);
        }
    }

    private void check(Session session) throws SQLException {
        Deadline deadline = Reception.bound(options);
        session.notifications().check(deadline);
        checkedAt = System.nanoTime();
        session.provedSound(checkedAt);
        if (!session.matchesTarget(deadline)) {
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
    boolean tryInTurn(Task task) {
        Holding turn = slot.newBriefTurn();
        try {
            if (!slot.tryBeginAside(turn)) {
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
            reception.lost(session, e);
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

    /** Returns whether it listens now; not, if the session is still being opened, or none is to be opened. */
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
                reception.listen(session, subscriptions.channels());
                sound = true;
            } catch (SQLException e) {
                sound = Listening.leavesSound(session, e);
                throw e;
            } finally {
                if (!sound) {
                    sessions.cut(session, CloseReason.LOST);
                }
            }
            reception.inForce(session);
            checkedAt = System.nanoTime();
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
        boolean open = known != null && !known.isClosed();
        if (slot.barredFor() != null) { // be it since this thread began to wait for the turn
            return open ? known : null;
        }
        if (known != null && open && !known.isOver(now)) {
            return known; // which needs no validation: it is asked something anyway
        }
        return sessions.ready(now, now, OPENING_NANOS, Patience.NONE, false);
    }
}
