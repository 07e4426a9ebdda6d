package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.Holder;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.Opening;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Stops after everything that may need the connection: waits until no thread holds the lease, is getting it or waits
 * for it, and until the session is closed. Refuses nothing: what is destroyed after all lifecycles, and what starts
 * again, may still acquire, which opens a session. The managers themselves are closed with the beans, by which time
 * nobody should hold a lease.
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

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

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
            if (!drain(manager, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
                warn(manager);
            }
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

    /**
     * Waits until no thread has the lease, is getting it, or waits for it, and closes the session.
     *
     * <p>Not by {@link ManagedConnection#drain} from the beginning: its pause holds back those that wait, who are to
     * have their turn here.
     *
     * @return whether there is no connection; if not, the session is closed when its turn ends
     */
    private static boolean drain(ManagedConnection manager, Duration timeout) {
        long begun = System.nanoTime();
        try {
            while (true) {
                long left = timeout.toNanos() - (System.nanoTime() - begun);
                if (isFree(manager)
                        && disconnect(manager, Duration.ofNanos(Math.max(0, left)))
                        && isFree(manager)
                        && !manager.isOpen()) { // nobody came in between
                    return true;
                }
                if (left <= 0) {
                    manager.reset();
                    return false;
                }
                Thread.sleep(LOOK_EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            manager.reset();
            return false;
        }
    }

    /**
     * Closes the session, and waits for what other threads are closing, and for attempts that nobody waits for any
     * more. The pause that this takes is short, since threads may still come, and beans that are destroyed acquire.
     *
     * @return whether there was no connection then
     */
    private static boolean disconnect(ManagedConnection manager, Duration left) {
        if (manager.isPaused()) { // and whoever paused it resumes it, at any moment
            manager.reset();
            return true;
        }
        try {
            return manager.drain(left.compareTo(LONGEST_PAUSE) < 0 ? left : LONGEST_PAUSE);
        } finally {
            manager.resume();
        }
    }

    /**
     * In the order in which a thread comes to the lease, so that it is not missed on its way. Those that wait for a
     * paused manager wait in vain, and are not waited for.
     */
    private static boolean isFree(ManagedConnection manager) {
        return (manager.waiters().count() == 0 || manager.isPaused())
                && gettingIt(manager).isEmpty()
                && manager.holder().isEmpty();
    }

    private static Optional<Opening> gettingIt(ManagedConnection manager) {
        return manager.opening().filter(opening -> opening.thread().isPresent());
    }

    private static void warn(ManagedConnection manager) {
        LOG.warn(
                "{} is stopped, but not free: {}; {} threads wait for it. Its session is closed when the lease is"
                        + " released. spring.lifecycle.timeout-per-shutdown-phase bounds how long a holder is waited"
                        + " for.",
                manager,
                manager.holder()
                        .map(Holder::toString)
                        .or(() -> gettingIt(manager).map(Opening::toString))
                        .orElse("the lease is changing hands"),
                manager.waiters().count());
    }
}
