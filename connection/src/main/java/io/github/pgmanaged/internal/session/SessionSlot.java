package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.Opening;
import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.time.Deadline;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The place of the one session: opened when a lease wants it, validated when it was idle, replaced when it is over, and
 * counted when it goes.
 *
 * <p>Thread safety: {@link #ready} is for the thread that has the turn; the rest for any.
 */
public final class SessionSlot {
    /**
     * A server that has not answered a validation within this time counts as gone; or within half of what an
     * acquisition has left, so that there is time to open another session.
     */
    private static final long VALIDATION_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Even if an acquisition has less left: a good session is not to be lost to haste. */
    private static final long SHORTEST_VALIDATION_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SessionOpener opener;
    private final Events events;
    private final String manager;
    private final long validateAfterIdleNanos;

    /** Set by the opener, under its lock; cleared by the thread that detaches the session. Read by any. */
    private final AtomicReference<@Nullable Session> session = new AtomicReference<>();

    /** Taken out of the place, and perhaps not closed yet: {@link Session#ended()} of each. */
    private final Set<AtomicBoolean> leaving = ConcurrentHashMap.newKeySet();

    /** By {@link System#nanoTime()}: since when a validation has been under way; 0 if none is. */
    private volatile long validatingSince;

    /** Whether a session is wanted while there is no lease. */
    private volatile BooleanSupplier kept = () -> false;

    /** An empty place. */
    public SessionSlot(Options options, Events events) {
        this.opener = new SessionOpener(options, events, session);
        this.events = events;
        this.manager = options.label();
        this.validateAfterIdleNanos = Deadline.nanos(options.validateAfterIdle());
    }

    /** The session, if there is one. */
    public @Nullable Session session() {
        return session.get();
    }

    /**
     * The session, opened and validated.
     *
     * @param begun when the acquisition began
     * @param timeoutNanos from then on, within which it has to be there
     * @param patience which server is waited for, if it is away
     * @param inPause whether it is opened in a pause, too
     * @return null if nothing is opened any more
     * @throws NoSessionException if it is not there in time, or a pause keeps it from being opened
     * @throws SQLException if an attempt to open it failed for good
     */
    public @Nullable Session ready(long now, long begun, long timeoutNanos, Patience patience, boolean inPause)
            throws SQLException, InterruptedException, NoSessionException {
        Session known = session.get();
        if (known != null) {
            CloseReason trouble = trouble(known, now, begun, timeoutNanos);
            if (trouble == null) {
                return known;
            }
            tell(trouble);
            boolean ended = false;
            try {
                detach(known, trouble);
                if (trouble == CloseReason.LIFETIME) {
                    known.closeInTurn();
                } else {
                    known.cut();
                }
                ended = true;
            } finally {
                if (!ended) {
                    known.cut();
                }
            }
        }
        return opener.open(Deadline.since(begun, timeoutNanos), patience, inPause);
    }

    private void tell(CloseReason trouble) {
        String format = "The idle session of {} is given up, and a new one is opened: {}";
        switch (trouble) {
            case LIFETIME -> Log.detachedDebug(format, manager, "it has lived for its maxLifetime");
            case LOST -> Log.detachedInfo(format, manager, "its connection is lost");
            default -> Log.detachedInfo(format, manager, "it did not pass its validation");
        }
    }

    /** What is wrong with the session; null if nothing is. */
    private @Nullable CloseReason trouble(Session known, long now, long begun, long timeoutNanos) {
        if (known.isOver(now)) {
            return CloseReason.LIFETIME;
        }
        return switch (known.status()) {
            case CLOSED -> CloseReason.LOST;
            case IDLE -> isSound(known, now, begun, timeoutNanos) ? null : CloseReason.VALIDATION;
            default -> CloseReason.VALIDATION; // whatever went wrong, no lease begins in a transaction
        };
    }

    private boolean isSound(Session known, long now, long begun, long timeoutNanos) {
        if (!known.needsValidation(now, validateAfterIdleNanos)) {
            return true;
        }
        long left = Deadline.since(begun, timeoutNanos).leftAt(now);
        long bound = Math.max(SHORTEST_VALIDATION_NANOS, Math.min(VALIDATION_NANOS, left / 2));
        validatingSince = now;
        boolean sound = false;
        try {
            sound = known.isSound(Deadline.since(now, bound));
        } catch (SQLException | RuntimeException e) { // a driver that throws is no better than one that says no
            Log.detachedDebug("The idle session of {} did not pass its validation", manager, e);
        } finally {
            validatingSince = 0;
        }
        if (!sound) {
            events.validationFailed();
        }
        return sound;
    }

    /**
     * Takes a session out of its place, and counts it; once. What is left is to close it, or to cut it.
     *
     * @return whether this call did it
     */
    public boolean detach(Session old, CloseReason reason) {
        leaving.removeIf(AtomicBoolean::get);
        leaving.add(old.ended()); // before: who sees the place empty sees that it is not closed
        if (!session.compareAndSet(old, null)) {
            return false; // who took it out sees to its end
        }
        events.closed(reason);
        return true;
    }

    /** Takes the session out of its place, whichever it is; null if there is none. */
    public @Nullable Session detach(CloseReason reason) {
        Session known = session.get();
        return known != null && detach(known, reason) ? known : null;
    }

    /** Takes the session out, and drops what is being opened. */
    public @Nullable Session clear(CloseReason reason) {
        opener.discard();
        return detach(reason);
    }

    /** Takes a session out of its place and cuts it. */
    public void cut(Session old, CloseReason reason) {
        boolean ended = false;
        try {
            detach(old, reason);
            old.cut();
            ended = true;
        } finally {
            if (!ended) {
                old.cut();
            }
        }
    }

    /** As long as something is so, a session is wanted while there is no lease: {@code idleTimeout} does not end it. */
    public void keepWhile(BooleanSupplier something) {
        this.kept = something;
    }

    /** Whether a session is wanted while there is no lease. */
    public boolean isKept() {
        return kept.getAsBoolean();
    }

    /**
     * While something is so, no session is opened; one that comes of an attempt under way is placed only if a thread
     * waits for it.
     */
    public void pauseWhile(BooleanSupplier something) {
        opener.pauseWhile(something);
    }

    /** What {@link #pauseWhile} asks has become so: a thread that sleeps between two attempts sees it at once. */
    public void paused() {
        opener.wake();
    }

    /** Whether there is no connection: no session, none that is still being closed, and none that could yet come. */
    public boolean isVacant() {
        if (opener.isUnderWay() || session.get() != null) { // in the order of its life: nothing slips through
            return false;
        }
        return !isLeaving();
    }

    /** Whether a session is still being closed, which was taken out of its place. */
    public boolean isLeaving() {
        leaving.removeIf(AtomicBoolean::get);
        return !leaving.isEmpty();
    }

    // --- looking ------------------------------------------------------------------------------------------------

    /** Whether this thread runs foreign code that opens the session. */
    public boolean isOpening(Thread thread) {
        return opener.isOpening(thread);
    }

    /** Why no session can be opened at present; null if there is no such reason. */
    public @Nullable OpeningFailure lastFailure() {
        return opener.lastFailure();
    }

    /** What is being done to get the session ready; null if nothing is. */
    public @Nullable String describePreparation() {
        long since = validatingSince;
        if (since != 0) {
            return "the idle session has been asked for " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since)
                    + " ms whether it is still there";
        }
        return opener.describe();
    }

    /**
     * What stands between the next lease and its session; null if nothing does.
     *
     * @param preparing the thread that is getting it ready; null if none is
     */
    public @Nullable Opening opening(@Nullable Thread preparing) {
        OpeningFailure failure = lastFailure();
        if (preparing == null && failure == null) {
            return null;
        }
        long now = System.nanoTime();
        long validating = validatingSince;
        long since = failure != null ? failure.since() : validating != 0 ? validating : opener.attemptSince(now);
        return new Opening(
                Optional.ofNullable(preparing),
                Duration.ofNanos(Math.max(0, now - since)),
                failure == null ? 0 : failure.count(),
                Optional.ofNullable(failure == null ? null : failure.shown(now)));
    }

    /** Opens nothing any more. */
    public void stop() {
        opener.stop();
    }
}
