package io.github.pgmanaged;

import io.github.pgmanaged.fence.FencedConnection;
import io.github.pgmanaged.fence.SqlText;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the first in the queue sees while it waits: a lease that nobody can release any more, which it takes back, and
 * one that is held for long, of which it warns.
 *
 * <p>A lease counts as abandoned in two cases. Nothing refers to it any more: it was collected. Or the thread that
 * acquired it has ended, no call is under way, no living thread was the last to make one, and that has been so for
 * {@code releaseTimeout}: so a lease that was handed on keeps its turn as long as a living thread works with it.
 *
 * <p>Thread safety: {@link #look} is for one thread at a time, the first in the queue.
 */
final class HolderWatch implements Turnstile.Lookout {
    private static final Logger LOG = LoggerFactory.getLogger(ManagedConnection.class);
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int FRAMES_SHOWN = 30;

    private final Custodian custodian;
    private final Bailiff bailiff;
    private final String manager;
    private final long graceNanos;
    private final long slowNanos;

    // Of the tenure that was looked at last. Written by the first in the queue, which changes: hence volatile.
    private volatile @Nullable Tenure watched;
    private volatile boolean orphaned;
    private volatile long orphanedAt;
    private volatile long warnAfter;

    HolderWatch(Custodian custodian, Bailiff bailiff, Config config) {
        this.custodian = custodian;
        this.bailiff = bailiff;
        this.manager = config.label();
        this.graceNanos = Config.nanos(config.releaseTimeout());
        this.slowNanos = Config.nanos(config.slowLeaseWarning());
    }

    @Override
    public long look(long now) {
        Tenure tenure = custodian.tenure();
        if (tenure == null) {
            return INTERVAL_NANOS;
        }
        if (tenure != watched) {
            watched = tenure;
            orphaned = false;
            warnAfter = slowNanos;
        }
        FencedConnection lease = tenure.lease();
        if (lease == null) {
            recoverIfCollected();
        } else if (isOrphaned(tenure, lease, now)) {
            bailiff.recover(tenure, "the thread has ended, and nobody has used it since");
        } else if (slowNanos > 0 && now - tenure.since() >= warnAfter) {
            warnAfter *= 2;
            warn(tenure, lease, Duration.ofNanos(now - tenure.since()));
        }
        return INTERVAL_NANOS;
    }

    /** The part of looking that anybody may do. */
    void recoverIfCollected() {
        Tenure tenure = custodian.tenure();
        if (tenure != null && tenure.lease() == null) {
            bailiff.recover(tenure, "nothing refers to it any more");
        }
    }

    private boolean isOrphaned(Tenure tenure, FencedConnection lease, long now) {
        if (tenure.owner().isAlive() || lease.fence().isInUse()) {
            orphaned = false;
            return false;
        }
        if (!orphaned) {
            orphaned = true;
            orphanedAt = now;
        }
        return now - orphanedAt >= graceNanos;
    }

    private void warn(Tenure tenure, FencedConnection lease, Duration held) {
        String call = lease.fence().lastCall();
        String stack = Arrays.stream(tenure.owner().getStackTrace())
                .limit(FRAMES_SHOWN)
                .map(frame -> "\n\tat " + frame)
                .collect(Collectors.joining());
        LOG.warn(
                "The lease of {} has been held for {} ms by thread \"{}\" while others wait. {} {}. The thread is{}",
                manager,
                held.toMillis(),
                tenure.owner().getName(),
                lease.fence().isBusy() ? "Under way:" : "Idle after:",
                call == null ? "nothing yet" : SqlText.shown(call),
                stack.isEmpty() ? (tenure.owner().isAlive() ? " without a stack" : " no more") : " now" + stack);
    }
}
