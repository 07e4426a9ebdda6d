package io.github.pgmanaged;

import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one background thread, and only of a manager that has {@code idleTimeout} or {@code maxLease}: those are promises
 * that have to be kept when nobody comes. It sleeps until the earliest moment at which something can be due, so that
 * acquiring and releasing need not tell it anything; and it does not keep a forgotten manager alive.
 */
final class Janitor implements Runnable {
    /** After that it looks whether the manager is still there. */
    private static final long LONGEST_NAP_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final WeakReference<Custodian> custodian;

    private Janitor(Custodian custodian) {
        this.custodian = new WeakReference<>(custodian);
    }

    static Thread start(Custodian custodian) {
        Thread thread = new Thread(new Janitor(custodian), "pgmanaged janitor");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void run() {
        long nap;
        while ((nap = tidy(custodian.get())) > 0) {
            LockSupport.parkNanos(Math.min(nap, LONGEST_NAP_NANOS));
        }
    }

    private static long tidy(@Nullable Custodian known) {
        return known == null ? 0 : known.tidy(System.nanoTime());
    }
}
