package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Interrupts;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The gate of one lease, which every call to the session passes. (It is a handle, since the lease is its own gate.)
 *
 * <p>Invariant: {@code calls} counts the calls between {@link #tryEnter} and {@link #leave}, and its sign bit says that
 * the gate is shut. A call that finds it shut never reaches the session. So once the gate is shut and the count is
 * zero, nothing of this lease can reach the session any more.
 *
 * <p>Thread safety: safe.
 */
public abstract class Gate extends Handle {
    private static final int SHUT = Integer.MIN_VALUE;
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final VarHandle CALLS;

    static {
        try {
            CALLS = MethodHandles.lookup().findVarHandle(Gate.class, "calls", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Changed through {@link #CALLS} alone. */
    @SuppressWarnings("unused")
    private volatile int calls;

    /** The thread that waits for the last call to end, as far as this one sees. */
    abstract @Nullable Thread drainer();

    /** Waits for the last call to end, from now on: seen by every call that ends later. */
    abstract void drainedBy(Thread thread);

    /**
     * Begins a call.
     *
     * @return whether it may go on; not, if the gate is shut
     */
    final boolean tryEnter() {
        if ((int) CALLS.getVolatile(this) < 0) {
            return false; // so that a refused call does not look like one under way
        }
        if ((int) CALLS.getAndAdd(this, 1) < 0) {
            leave();
            return false;
        }
        return true;
    }

    /** Ends a call. */
    final void leave() {
        if ((int) CALLS.getAndAdd(this, -1) == SHUT + 1) {
            LockSupport.unpark(drainer());
        }
    }

    /** Whether no further call gets through. */
    public final boolean isShut() {
        return (int) CALLS.getOpaque(this) < 0;
    }

    /** Whether a call is under way. */
    public final boolean isBusy() {
        return (calls & ~SHUT) != 0;
    }

    /** Whether one call is under way, and no more: that of the caller. */
    final boolean isAlone() {
        return (calls & ~SHUT) == 1;
    }

    /**
     * Lets no further call through.
     *
     * @return whether this call shut the gate
     */
    public final boolean shut() {
        return (int) CALLS.getAndBitwiseOr(this, SHUT) >= 0;
    }

    /** Whether the end of the last call wakes this thread; not, if there is no memory to note that. */
    private boolean isWoken() {
        try {
            drainedBy(Thread.currentThread());
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /**
     * Waits, after {@link #shut}, for the calls that are under way. An interrupt is kept for later.
     *
     * @return whether all have ended in time
     */
    public final boolean drain(Deadline deadline) {
        long longest = isWoken() ? Long.MAX_VALUE : SHORT_NANOS;
        Interrupts kept = Interrupts.keep();
        try {
            boolean ended = !isBusy();
            long left;
            while (!ended && (left = deadline.left()) > 0) {
                LockSupport.parkNanos(this, Math.min(left, longest));
                kept.keepAnother();
                ended = !isBusy();
            }
            return ended;
        } finally {
            kept.restore();
        }
    }
}
