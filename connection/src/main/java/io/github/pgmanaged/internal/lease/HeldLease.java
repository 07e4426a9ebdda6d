package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.Holder;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.fence.SqlText;
import io.github.pgmanaged.internal.time.Threads;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A turn with a lease, as of one moment. It keeps the lease itself not alive, so that a lost one is noticed. */
final class HeldLease implements Holder {
    private final Holding turn;
    private final LeaseRevoker revoker;
    private final Instant since;
    private final Duration heldFor;
    private final Duration idleFor;
    private final @Nullable String statement;
    private final String doing;
    private final @Nullable Throwable site;

    private HeldLease(Holding turn, LeaseRevoker revoker, @Nullable FencedConnection lease, long now) {
        this.turn = turn;
        this.revoker = revoker;
        this.heldFor = Duration.ofNanos(Math.max(0, now - turn.since()));
        this.since = Instant.now().minus(heldFor);
        this.idleFor = lease == null ? heldFor : idleFor(turn, lease, now);
        String call = lease == null ? null : lease.fence().seen().lastCall();
        this.statement = call == null ? null : SqlText.shown(call);
        this.doing = HolderText.doing(lease);
        this.site = revoker.site(turn);
    }

    /** Looks at a turn; null if it has no lease. */
    static @Nullable HeldLease of(@Nullable Holding turn, LeaseRevoker revoker) {
        return turn == null || turn.isPreparing()
                ? null
                : new HeldLease(turn, revoker, turn.lease(), System.nanoTime());
    }

    private static Duration idleFor(Holding turn, FencedConnection lease, long now) {
        if (lease.fence().gate().isBusy()) {
            return Duration.ZERO;
        }
        long said = lease.fence().seen().lastSaid();
        return Duration.ofNanos(Math.max(0, now - (said == 0 ? turn.since() : said)));
    }

    @Override
    public Thread thread() {
        return turn.owner();
    }

    @Override
    public Instant since() {
        return since;
    }

    @Override
    public Duration heldFor() {
        return heldFor;
    }

    @Override
    public Duration idleFor() {
        return idleFor;
    }

    @Override
    public Optional<String> statement() {
        return Optional.ofNullable(statement);
    }

    @Override
    public List<StackTraceElement> acquiredAt() {
        return site == null
                ? List.of()
                : Arrays.stream(site.getStackTrace())
                        .dropWhile(HolderText::isOurs)
                        .toList();
    }

    @Override
    public List<StackTraceElement> stack() {
        return List.of(turn.owner().getStackTrace());
    }

    @Override
    public boolean revoke(String reason) {
        return revoker.revoke(turn, reason);
    }

    @Override
    public String toString() {
        Thread thread = turn.owner();
        return "Thread \"" + Threads.name(thread) + "\"" + (thread.isAlive() ? "" : ", which has ended,")
                + " has held the lease for " + heldFor.toMillis() + " ms; " + doing;
    }
}
