package io.github.pgmanaged.foreign;

import io.github.pgmanaged.ManagedConnection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A place in foreign code where it misbehaves, until the trap is disarmed. */
final class Trap {
    private final Misbehaviour misbehaviour;
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger sprung = new AtomicInteger();
    private volatile boolean armed = true;
    private volatile @Nullable ManagedConnection manager;

    Trap(Misbehaviour misbehaviour) {
        this.misbehaviour = misbehaviour;
    }

    Misbehaviour misbehaviour() {
        return misbehaviour;
    }

    void setManager(ManagedConnection manager) {
        this.manager = manager;
    }

    ManagedConnection manager() {
        return Objects.requireNonNull(manager);
    }

    /** The foreign method was called. Afterwards it does what it is for, or returns null if it is so. */
    boolean spring() {
        if (!armed) {
            return false;
        }
        sprung.incrementAndGet();
        try {
            misbehaviour.happen(this);
        } catch (SQLException e) {
            return false; // what the manager says to one that calls it back
        } catch (Exception e) {
            throw sneaky(e);
        }
        return misbehaviour.returnsNull();
    }

    boolean isArmed() {
        return armed;
    }

    boolean hasSprung() {
        return sprung.get() > 0;
    }

    /** From now on, new calls go through; those that block still do. */
    void disarm() {
        armed = false;
    }

    /** Those that block go on. */
    void release() {
        disarm();
        released.countDown();
    }

    void block() {
        await(released);
    }

    /** Waits for a latch, even if the thread is interrupted. */
    static void await(CountDownLatch released) {
        boolean interrupted = false;
        while (true) {
            try {
                released.await();
                break;
            } catch (InterruptedException e) { // it does not even end when it is interrupted
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    void lookAround() {
        ManagedConnection known = manager();
        Objects.requireNonNull(known.stats().toString());
        Objects.requireNonNull(known.toString());
        Objects.requireNonNull(known.status());
        Objects.requireNonNull(Boolean.valueOf(known.isOpen()));
        Objects.requireNonNull(known.asDataSource().toString());
    }

    /** Throws what is not declared. */
    static RuntimeException sneaky(Throwable t) {
        return Trap.<RuntimeException>unchecked(t);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> RuntimeException unchecked(Throwable t) throws X {
        throw (X) t;
    }
}
