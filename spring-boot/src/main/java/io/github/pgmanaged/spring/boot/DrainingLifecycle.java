package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.Holder;
import io.github.pgmanaged.ManagedConnection;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Stops after everything that may need the connection: waits until no thread holds the lease or waits for it, then
 * closes the session. Refuses nothing: what is destroyed after all lifecycles, and what starts again, may still
 * acquire, which opens a session. The managers themselves are closed with the beans, by which time nobody should hold a
 * lease.
 *
 * <p>So no socket is open at a checkpoint (CRaC), nor in a machine that is frozen while it is stopped.
 *
 * <p>Thread safety: safe.
 */
final class DrainingLifecycle implements SmartLifecycle {
    /** Below the web servers and executors, which have the highest ones, and whatever has none (0). */
    static final int PHASE = Integer.MIN_VALUE / 2;

    private static final Logger LOG = LoggerFactory.getLogger(DrainingLifecycle.class);
    private static final long LOOK_EVERY_MILLIS = 20;

    private final List<ManagedConnection> managers;
    private final Duration timeout;
    private volatile boolean running;

    /**
     * Stops some managers.
     *
     * @param timeout how long to wait for holders
     */
    DrainingLifecycle(List<ManagedConnection> managers, Duration timeout) {
        this.managers = managers;
        this.timeout = timeout;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Opens nothing: the first lease does. */
    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (ManagedConnection manager : managers) {
            drain(manager, deadline);
            manager.reset();
        }
        running = false;
    }

    /** On a thread of its own: Spring bounds only what it does not call itself. */
    @Override
    public void stop(Runnable callback) {
        Thread drain = new Thread(
                () -> {
                    try {
                        stop();
                    } finally {
                        callback.run();
                    }
                },
                "pgmanaged-drain");
        drain.setDaemon(true);
        drain.start();
    }

    private static void drain(ManagedConnection manager, long deadline) {
        try {
            while (manager.holder().isPresent() || manager.waiters().count() > 0) {
                if (System.nanoTime() - deadline >= 0) {
                    LOG.warn(
                            "{} is stopped, but not free: {}; {} threads wait for it. Its session is closed when the"
                                    + " lease is released. spring.lifecycle.timeout-per-shutdown-phase bounds how long"
                                    + " a holder is waited for.",
                            manager,
                            manager.holder().map(Holder::toString).orElse("the lease is changing hands"),
                            manager.waiters().count());
                    return;
                }
                Thread.sleep(LOOK_EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
