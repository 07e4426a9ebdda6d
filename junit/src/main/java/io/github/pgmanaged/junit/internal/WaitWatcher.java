package io.github.pgmanaged.junit.internal;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that looks at the holder while other threads wait for it; there is none while nobody waits.
 *
 * <p>Thread safety: safe.
 */
final class WaitWatcher {
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Detector detector;
    private final AtomicBoolean runs = new AtomicBoolean();

    WaitWatcher(Detector detector) {
        this.detector = detector;
    }

    /** Somebody begins to wait. */
    void wake() {
        if (runs.compareAndSet(false, true)) {
            Thread watcher = new Thread(this::run, "pgmanaged-testing");
            watcher.setDaemon(true);
            watcher.start();
        }
    }

    private void run() {
        do {
            try {
                while (detector.anyWaits()) {
                    long bound = detector.blockedForNanos();
                    detector.watches().forEach(watch -> watch.look(bound));
                    LockSupport.parkNanos(Math.min(LONGEST_PAUSE_NANOS, bound / 4));
                }
            } finally {
                runs.set(false);
            }
        } while (detector.anyWaits() && runs.compareAndSet(false, true));
    }
}
