package io.github.pgmanaged;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The place of the one session: it is opened when somebody wants it, validated when it was idle, replaced when it is
 * over, and counted when it goes.
 *
 * <p>Thread safety: {@link #ready} is for whoever is inside the turnstile; the rest for anybody.
 */
final class SessionSlot {
    /**
     * A server that has not answered a validation within this time counts as gone; or within half of what an
     * acquisition has left, so that there is time to open another session.
     */
    private static final long VALIDATION_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Even if an acquisition has less left: a good session is not to be lost to somebody's haste. */
    private static final long SHORTEST_VALIDATION_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Opener opener;
    private final Tally tally;
    private final long validateAfterIdleNanos;

    /**
     * Set by whoever is inside the turnstile; cleared by it, too, or by a close of the manager when that aborts. Read
     * by anybody.
     */
    private final AtomicReference<@Nullable Session> session = new AtomicReference<>();

    SessionSlot(Config config, Tally tally) {
        this.opener = new Opener(config, Opener.STUCK_NANOS);
        this.tally = tally;
        this.validateAfterIdleNanos = Config.nanos(config.validateAfterIdle());
    }

    @Nullable
    Session session() {
        return session.get();
    }

    /**
     * The session, opened and validated.
     *
     * @param begun when the acquisition began
     * @param timeout how long it may take
     * @param patient whether a server that is away is waited for
     * @return null if nothing is opened any more
     */
    @Nullable
    Session ready(long begun, long now, Duration timeout, boolean patient) throws SQLException, InterruptedException {
        Session known = session.get();
        if (known != null) {
            boolean over = known.isOver(now);
            if (!over && isSound(known, now, begun + Config.nanos(timeout) - now)) {
                return known;
            }
            if (over) {
                known.close();
            } else {
                known.abort();
            }
            forget(known);
        }
        Session opened = opener.open(begun, timeout, patient);
        if (opened != null) {
            tally.opened.incrementAndGet();
            session.set(opened);
        }
        return opened;
    }

    /** A driver that breaks off over the question is no better than one that says no. */
    private boolean isSound(Session known, long now, long patience) {
        try {
            long bound = Math.max(SHORTEST_VALIDATION_NANOS, Math.min(VALIDATION_NANOS, patience / 2));
            return known.isSound(now, validateAfterIdleNanos, bound);
        } catch (SQLException | RuntimeException e) {
            return false;
        }
    }

    /** Whether this thread runs somebody else's code that opens a session. */
    boolean isOpening(Thread thread) {
        return opener.isOpening(thread);
    }

    /** The session is closed; it is counted once, whoever comes first to say so. */
    void forget(Session old) {
        if (session.compareAndSet(old, null)) {
            tally.closed.incrementAndGet();
        }
    }

    void close() {
        Session known = session.get();
        if (known != null) {
            known.close();
            forget(known);
        }
    }

    /** Also drops what is being opened and nobody has waited for. */
    void reset() {
        opener.discard();
        close();
    }

    void abort() {
        Session known = session.get();
        if (known != null) {
            forget(known);
            known.abort();
        }
    }

    /** Opens nothing any more. */
    void stop() {
        opener.stop();
    }
}
