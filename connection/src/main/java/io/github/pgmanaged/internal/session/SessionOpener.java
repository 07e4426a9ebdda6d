package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.time.Deadline;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gets a session, within a deadline. The first one of a manager comes at the first attempt or not at all: what is wrong
 * may well be the connection string. Later it is known to be good, and a server that cannot be reached is waited for.
 *
 * <p>One attempt is under way at a time. It goes on when the thread that began it has given up, and the session that
 * comes of it is put into its place like any other. None is begun while there is a session in the place.
 *
 * <p>Thread safety: {@link #open} is for the thread that has the turn, the rest for any.
 */
final class SessionOpener {
    /** Foreign code gives no sign of progress, and is trusted for longer than a socket that says nothing. */
    private static final int TRUST_IN_FOREIGN_CODE = 6;

    private static final int MOST_DOUBLINGS = 5;

    private final Options options;
    private final Events events;

    /** Filled under this lock, and only while it is empty; emptied by any thread. */
    private final AtomicReference<@Nullable Session> place;

    private final long stallNanos;
    private final Backoff backoff = new Backoff(); // guarded by this

    // Written under this lock.
    private volatile boolean hasOpened;
    private volatile boolean stopped;
    private volatile @Nullable OpenAttempt pending;
    private volatile @Nullable OpeningFailure lastFailure;

    /** The attempt that a thread waits for. Guarded by this. */
    private @Nullable OpenAttempt awaited;

    /** All that may still connect, those that were given up, too. Swept by who looks. */
    private final Set<OpenAttempt> underWay = ConcurrentHashMap.newKeySet();

    /** Whether no attempt is to be begun at present. */
    private volatile BooleanSupplier paused = () -> false;

    /** Given up, and still running: the one that cannot be ended from outside. Guarded by this. */
    private @Nullable OpenAttempt abandoned;

    /** How often in a row an attempt has stalled. Guarded by this. */
    private int stalls;

    /** Those that run an attempt. Each attempt adds its own, and removes it. */
    private final Set<Thread> openingThreads = ConcurrentHashMap.newKeySet();

    /** The thread that sleeps until the next attempt. */
    private volatile @Nullable Thread pausing;

    /**
     * An opener.
     *
     * @param place takes each session that is opened
     */
    SessionOpener(Options options, Events events, AtomicReference<@Nullable Session> place) {
        this.options = options;
        this.events = events;
        this.place = place;
        this.stallNanos = Deadline.nanos(options.openingStall());
    }

    /**
     * Opens a session.
     *
     * @param patience which server is tried again until the time is up
     * @param inPause whether attempts are begun in a pause, too
     * @return an open session, in its place; null if the opener has been stopped
     * @throws NoSessionException if there is none in time, or in a pause: then no attempt is begun
     * @throws SQLException if an attempt failed for good
     */
    @Nullable
    Session open(Deadline deadline, Patience patience, boolean inPause)
            throws SQLException, InterruptedException, NoSessionException {
        AttemptFailure last = null;
        while (!stopped) { // and again, if the attempt was abandoned by a reset
            refuseIfPaused(inPause);
            long pause = patience.waits(hasOpened) ? pauseNanos() : 0;
            if (pause > 0 && !pause(Math.min(pause, deadline.left()), inPause)) {
                continue;
            }
            long left = deadline.left();
            if (left <= 0) {
                throw noSession(last);
            }
            OpenAttempt.Result end;
            try {
                OpenAttempt attempt = next();
                if (attempt == null) {
                    Session late = place.get();
                    if (late != null) {
                        return late;
                    }
                    continue; // it was taken out at this moment
                }
                end = attempt.await(left);
            } catch (TimeoutException e) {
                refuseIfPaused(inPause); // nobody gets what comes of it then
                throw noSession(last);
            } catch (CancellationException e) {
                last = null;
                continue;
            } finally {
                awaitNone();
            }
            last = end.failure();
            if (last == null) {
                return end.session();
            }
            if (!patience.waits(hasOpened) || !last.mayPass()) {
                throw OpenAttempt.thrown(last);
            }
        }
        return null;
    }

    private void refuseIfPaused(boolean inPause) throws NoSessionException {
        if (!inPause && paused.getAsBoolean()) {
            throw NoSessionException.paused();
        }
    }

    private synchronized void awaitNone() {
        awaited = null;
    }

    private NoSessionException noSession(@Nullable AttemptFailure last) {
        return new NoSessionException(describe(), last);
    }

    private synchronized long pauseNanos() {
        return backoff.pauseNanos(System.nanoTime());
    }

    /**
     * The attempt that is under way, or a new one; null if there is a session: an attempt that was under way when the
     * caller came may have ended while it slept.
     */
    private @Nullable OpenAttempt next() {
        OpenAttempt attempt;
        synchronized (this) {
            attempt = pending;
            if (attempt != null && (attempt.isOver() || isGivenUp(attempt))) {
                pending = attempt = null;
            }
            awaited = attempt;
            if (attempt != null) {
                return attempt;
            }
            if (place.get() != null) {
                return null;
            }
            attempt = new OpenAttempt(options, this::ended, openingThreads);
            underWay.removeIf(OpenAttempt::hasEnded);
            underWay.add(attempt);
            awaited = attempt;
            pending = attempt; // before it starts: foreign code may come back to us at once
        }
        boolean started = false;
        try {
            attempt.start();
            started = true;
        } finally {
            if (!started) {
                forget(attempt);
            }
        }
        if (stopped) {
            attempt.abandon();
        }
        return attempt;
    }

    private synchronized void forget(OpenAttempt attempt) {
        underWay.remove(attempt);
        if (pending == attempt) {
            pending = null;
        }
    }

    /**
     * Deals with an attempt that has made no progress for long: a socket that says nothing is closed, and the attempt
     * goes on; an attempt that cannot be helped so is given up, one at a time. The patience doubles each time, so that
     * a server that is merely slow is reached in the end.
     *
     * @return whether another attempt has to take its place
     */
    private boolean isGivenUp(OpenAttempt attempt) {
        long patience = (attempt.isInForeignCode() ? TRUST_IN_FOREIGN_CODE * stallNanos : stallNanos)
                << Math.min(stalls, MOST_DOUBLINGS);
        if (attempt.stalledFor(System.nanoTime()) < patience) {
            return false;
        }
        if (attempt.breakStall()) {
            stalls++;
            return false;
        }
        OpenAttempt old = abandoned;
        if (old != null && !old.isOver()) {
            return false;
        }
        stalls++;
        abandoned = attempt;
        attempt.abandon();
        return true;
    }

    /** Takes what has come of an attempt, on the attempt's thread. */
    private boolean ended(OpenAttempt attempt, @Nullable Session opened, @Nullable AttemptFailure failure) {
        boolean taken = take(attempt, opened, failure);
        if (taken && opened != null) {
            try {
                wake(); // a thread that sleeps need not wait for its own attempt
            } catch (Throwable t) { // the session is in its place, whatever this was; and that thread wakes by itself
                return true;
            }
        }
        return taken;
    }

    private boolean take(OpenAttempt attempt, @Nullable Session opened, @Nullable AttemptFailure failure) {
        long now = System.nanoTime();
        long age = attempt.age(now);
        if (failure != null) {
            events.openingFailed(failure.error(), age);
        }
        synchronized (this) {
            if (pending != attempt || stopped) {
                return false;
            }
            pending = null;
            if (failure != null) {
                backoff.failed(now);
                lastFailure = OpeningFailure.after(lastFailure, failure, now);
            }
            if (opened != null) {
                backoff.succeeded();
                stalls = 0;
                hasOpened = true;
                lastFailure = null;
                if ((attempt != awaited && paused.getAsBoolean()) || place.get() != null) {
                    return false; // and none is lost that is there
                }
                events.opened(age);
                place.set(opened); // the last step: from here on it is the place's
            }
            return true;
        }
    }

    /**
     * Sleeps, unless there is a session.
     *
     * @param inPause whether it goes on in a pause
     * @return whether the time has passed
     */
    private boolean pause(long nanos, boolean inPause) throws InterruptedException {
        Deadline until = Deadline.afterNanos(nanos);
        pausing = Thread.currentThread();
        try {
            while (!stopped && place.get() == null && (inPause || !paused.getAsBoolean())) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                long left = until.left();
                if (left <= 0) {
                    return true;
                }
                LockSupport.parkNanos(this, left);
            }
            return false;
        } finally {
            pausing = null;
        }
    }

    /** Whether this thread runs foreign code that opens a session, be it one that nobody waits for any more. */
    boolean isOpening(Thread thread) {
        return !openingThreads.isEmpty() && openingThreads.contains(thread);
    }

    /** The last failure, if no session has been opened since. */
    @Nullable
    OpeningFailure lastFailure() {
        return lastFailure;
    }

    /** What is being done to get a session; null if nothing is. */
    @Nullable
    String describe() {
        OpenAttempt attempt = pending;
        return attempt != null ? attempt.describe() : null;
    }

    /** When the attempt that is under way began, by {@link System#nanoTime()}; now, if none is. */
    long attemptSince(long now) {
        OpenAttempt attempt = pending;
        return attempt == null ? now : now - attempt.age(now);
    }

    /** While something is so, no attempt is begun, and only a thread that waits for one gets what comes of it. */
    void pauseWhile(BooleanSupplier something) {
        paused = something;
    }

    /** A thread that sleeps looks whether there is a pause now, or a session. */
    void wake() {
        LockSupport.unpark(pausing);
    }

    /** Whether an attempt may still connect, or close what it has connected; one that was given up, too. */
    boolean isUnderWay() {
        underWay.removeIf(OpenAttempt::hasEnded);
        return !underWay.isEmpty();
    }

    /** Drops what is under way. */
    synchronized void discard() {
        OpenAttempt attempt = pending;
        pending = null;
        if (attempt != null) {
            attempt.abandon();
        }
    }

    /** Opens nothing any more. A thread that waits for a session goes on at once. */
    void stop() {
        synchronized (this) {
            stopped = true;
            discard();
        }
        LockSupport.unpark(pausing);
    }
}
