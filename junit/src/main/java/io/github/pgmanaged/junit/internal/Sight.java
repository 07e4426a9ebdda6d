package io.github.pgmanaged.junit.internal;

import io.github.pgmanaged.Holder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The holder of the lease, as it was seen.
 *
 * <p>Thread safety: immutable.
 *
 * @param lease null if the lease changed hands just then
 * @param text who has held it for how long, and what it did with it last
 * @param stack where its thread was
 * @param waits whether it made no call on the connection, and its thread waited for something else than time
 * @param idleNanos since when it has made no call
 */
record Sight(@Nullable Leased lease, String text, List<StackTraceElement> stack, boolean waits, long idleNanos) {

    static Sight of(Holder holder, @Nullable Leased last) {
        Thread thread = holder.thread();
        Leased lease = last == null || last.thread != thread || last.isOver() ? null : last;
        Thread.State state = thread.getState();
        List<StackTraceElement> stack = Stacks.of(thread);
        long idle = holder.idleFor().toNanos();
        boolean waits = switch (state) {
            case WAITING, TIMED_WAITING, BLOCKED -> idle > 0 && !Stacks.isSleeping(stack);
            default -> false;
        };
        return new Sight(lease, holder.toString(), stack, waits, idle);
    }

    List<StackTraceElement> acquiredAt() {
        return lease == null ? List.of() : lease.stack;
    }
}
