package io.github.pgmanaged;

import io.github.pgmanaged.conninfo.ConnectFailedException;
import io.github.pgmanaged.fence.ErrorStanding;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Gets a session, within a deadline. The first one of a manager comes at the first attempt or not at all: what is wrong
 * may well be the connection string. Later it is known to be good, and a server that cannot be reached is waited for.
 *
 * <p>Thread safety: used by whoever is inside the turnstile; {@link #stop} and {@link #isOpening} by anybody.
 */
final class Opener {
    /** An opening that lasts longer is not waited for by those who come later: they begin another. */
    static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Config config;
    private final long stuckNanos;
    private final Backoff backoff = new Backoff();
    private boolean hasOpened;

    /** Begun, and not taken yet. Written inside the turnstile. */
    private volatile @Nullable Opening pending;

    /** Who sleeps until the next attempt. */
    private volatile @Nullable Thread pausing;

    /** Set once, by {@link #stop}. */
    private volatile boolean stopped;

    Opener(Config config, long stuckNanos) {
        this.config = config;
        this.stuckNanos = stuckNanos;
    }

    /**
     * Opens a session.
     *
     * @param begun when the acquisition began
     * @param timeout how long it may take
     * @param patient whether to try again until the time is up
     * @return an open session; null if the opener has been stopped
     * @throws AcquireTimeoutException if there is none in time
     * @throws SQLException if an attempt failed for good
     */
    @Nullable
    Session open(long begun, Duration timeout, boolean patient) throws SQLException, InterruptedException {
        long deadline = begun + Config.nanos(timeout);
        SQLException last = null;
        while (!stopped) {
            long pause = patient && hasOpened ? backoff.pauseNanos(System.nanoTime()) : 0;
            if (pause > 0 && !pause(Math.min(pause, deadline - System.nanoTime()))) {
                continue;
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AcquireTimeoutException(config.label(), timeout, last);
            }
            try {
                Session session = next().await(left);
                pending = null;
                backoff.succeeded();
                hasOpened = true;
                return session;
            } catch (TimeoutException e) {
                throw new AcquireTimeoutException(config.label(), timeout, last);
            } catch (CancellationException e) {
                pending = null;
            } catch (SQLException e) {
                pending = null;
                backoff.failed(System.nanoTime());
                if (!patient || !hasOpened || !mayPass(e)) {
                    throw e;
                }
                last = e;
            }
        }
        return null;
    }

    /** The opening that somebody began and could not wait for, or a new one. */
    private Opening next() {
        Opening opening = pending;
        if (opening != null && !opening.hasFailed() && opening.isOlderThan(stuckNanos)) {
            discard();
            opening = null;
        }
        if (opening == null || opening.hasFailed()) {
            opening = Opening.start(config);
            pending = opening;
            if (stopped) {
                opening.abandon();
            }
        }
        return opening;
    }

    /**
     * Sleeps.
     *
     * @return whether the time has passed
     */
    private boolean pause(long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        pausing = Thread.currentThread();
        try {
            while (!stopped) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                long left = until - System.nanoTime();
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

    /**
     * Whether it may be otherwise a moment later: the server is not there, is starting up, is full, or is not yet the
     * one that {@code target_session_attrs} asks for. A password does not become right by waiting.
     */
    private static boolean mayPass(SQLException failure) {
        if (failure instanceof ConnectFailedException several) {
            return several.attempts().stream().anyMatch(attempt -> isOfThePresent(attempt.exception()));
        }
        return failure instanceof SQLNonTransientConnectionException
                ? failure.getCause() instanceof SQLException cause && ErrorStanding.of(cause) == ErrorStanding.FATAL
                : isOfThePresent(failure);
    }

    private static boolean isOfThePresent(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("53") || state.startsWith("57P0"));
    }

    boolean isOpening(Thread thread) {
        Opening opening = pending;
        return opening != null && opening.thread() == thread;
    }

    /** Drops what was begun and is not taken yet. */
    void discard() {
        Opening opening = pending;
        pending = null;
        if (opening != null) {
            opening.abandon();
        }
    }

    /** Opens nothing any more. Whoever waits for a session is told. */
    void stop() {
        stopped = true;
        Opening opening = pending;
        if (opening != null) {
            opening.abandon();
        }
        LockSupport.unpark(pausing);
    }
}
