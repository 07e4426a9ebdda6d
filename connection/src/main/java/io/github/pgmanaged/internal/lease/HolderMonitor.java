package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Threads;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the first in the queue looks for while it waits: a lease that no thread can release any more, which it takes
 * back, and one that is held for long, of which it warns.
 *
 * <p>A lease counts as abandoned in two cases. Nothing refers to it any more: it was collected. Or the thread that
 * acquired it has ended, no call is under way, no living thread was the last to make one, and that has been so for
 * {@code releaseTimeout}: so a lease that was handed on keeps its turn as long as a living thread works with it.
 *
 * <p>Thread safety: {@link #look} is for one thread at a time, the first in the queue.
 */
final class HolderMonitor implements Turnstile.Lookout {
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int FRAMES_SHOWN = 30;

    private final HoldingSlot slot;
    private final LeaseRevoker revoker;
    private final String manager;
    private final long graceNanos;
    private final long slowNanos;

    // Of the turn that was looked at last. Written by the first in the queue, which changes: hence volatile.
    private volatile @Nullable Holding watched;
    private volatile boolean orphaned;
    private volatile long orphanedAt;
    private volatile long warnAfter;

    HolderMonitor(HoldingSlot slot, LeaseRevoker revoker, Options options) {
        this.slot = slot;
        this.revoker = revoker;
        this.manager = options.label();
        this.graceNanos = Deadline.nanos(options.releaseTimeout());
        this.slowNanos = Deadline.nanos(options.slowLeaseWarning());
    }

    @Override
    public long look(long now) {
        revoker.recoverIfLost();
        Holding turn = slot.current();
        if (turn == null || turn.isPreparing()) {
            return INTERVAL_NANOS;
        }
        if (turn != watched) {
            watched = turn;
            orphaned = false;
            warnAfter = slowNanos;
        }
        if (isOrphaned(turn, now)) {
            revoker.recover(turn, "the thread has ended, and no other has used it since");
        } else if (slowNanos > 0 && now - turn.since() >= warnAfter) {
            warnAfter *= 2;
            FencedConnection lease = turn.lease();
            if (lease != null) {
                warn(turn, lease, Duration.ofNanos(now - turn.since()));
            }
        }
        return INTERVAL_NANOS;
    }

    private boolean isOrphaned(Holding turn, long now) {
        FencedConnection lease = turn.owner().isAlive() ? null : turn.lease();
        if (lease == null || lease.fence().isInUse()) {
            orphaned = false;
            return false;
        }
        if (!orphaned) {
            orphaned = true;
            orphanedAt = now;
        }
        return now - orphanedAt >= graceNanos;
    }

    private void warn(Holding turn, FencedConnection lease, Duration held) {
        String stack = Arrays.stream(turn.owner().getStackTrace())
                .limit(FRAMES_SHOWN)
                .map(frame -> "\n\tat " + Threads.shown(frame))
                .collect(Collectors.joining());
        Log.detachedWarn(
                "Thread \"{}\" has held the lease of {} for {} ms while others wait; {}. The thread is{}",
                Threads.name(turn.owner()),
                manager,
                held.toMillis(),
                HolderText.doing(lease),
                stack.isEmpty() ? (turn.owner().isAlive() ? " without a stack" : " no more") : " now" + stack);
    }
}
