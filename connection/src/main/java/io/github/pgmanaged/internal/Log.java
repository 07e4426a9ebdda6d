package io.github.pgmanaged.internal;

import io.github.pgmanaged.internal.time.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The log. An appender belongs to the application, and so do the exceptions that it prints: they may throw, and then
 * nothing comes of it but a lost line; they may block, and then they must not block anybody. So each line is written on
 * a thread of its own; if as many as {@link #MOST_WRITING} are stuck, lines are lost. A thread that has lines of its
 * own work, after its turn, waits a moment until they are {@link Later#write written}.
 *
 * <p>Thread safety: safe.
 */
public final class Log {
    private static final Logger LOG = LoggerFactory.getLogger("io.github.pgmanaged.ManagedConnection");

    /** Of transactions that a release has rolled back, so that these can be watched, or not, by themselves. */
    private static final Logger ROLLBACK = LoggerFactory.getLogger("io.github.pgmanaged.rollback");

    /** An appender that is stuck would else cost a thread a line. */
    private static final int MOST_WRITING = 50;

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final AtomicInteger WRITING = new AtomicInteger();

    private Log() {}

    /** On a thread of its own. */
    public static void detachedDebug(String format, @Nullable Object... arguments) {
        if (isDebugEnabled()) {
            detach(() -> LOG.debug(format, arguments));
        }
    }

    /** On a thread of its own. */
    public static void detachedInfo(String format, @Nullable Object... arguments) {
        detach(() -> LOG.info(format, arguments));
    }

    /** On a thread of its own. */
    public static void detachedWarn(String format, @Nullable Object... arguments) {
        detach(() -> LOG.warn(format, arguments));
    }

    /** On a thread of its own. */
    public static void detachedError(String format, @Nullable Object... arguments) {
        detach(() -> LOG.error(format, arguments));
    }

    /** Writes a line, unless too many are stuck; says whether it does. */
    private static boolean detach(Runnable line) {
        boolean begun = false;
        try {
            if (WRITING.incrementAndGet() <= MOST_WRITING) {
                Threads.detach("log", () -> {
                    quietly(line);
                    WRITING.decrementAndGet();
                });
                begun = true;
            }
            return begun;
        } finally {
            if (!begun) {
                WRITING.decrementAndGet();
            }
        }
    }

    private static boolean isDebugEnabled() {
        return isDebugEnabled(LOG);
    }

    private static boolean isDebugEnabled(Logger logger) {
        try {
            return logger.isDebugEnabled();
        } catch (Throwable t) {
            return false;
        }
    }

    private static void quietly(Runnable line) {
        try {
            line.run();
        } catch (Throwable t) { // the appender's; and where should that be logged?
            return;
        }
    }

    /**
     * Lines that wait until the turn is over. What has to be asked of a foreign exception is asked when they are
     * written. Thread safety: none.
     */
    public static final class Later {
        /** Made by the first: few releases have something to say. */
        private @Nullable List<Line> lines;

        /** With the logger whose debugging has to be on; null if it is written in any case. */
        private record Line(@Nullable Logger debugOf, Runnable write) {}

        private void add(Line line) {
            if (lines == null) {
                lines = new ArrayList<>(1);
            }
            lines.add(line);
        }

        public void info(String format, @Nullable Object... arguments) {
            add(new Line(null, () -> LOG.info(format, arguments)));
        }

        public void warn(String format, @Nullable Object... arguments) {
            add(new Line(null, () -> LOG.warn(format, arguments)));
        }

        public void debug(String format, @Nullable Object... arguments) {
            add(new Line(LOG, () -> LOG.debug(format, arguments)));
        }

        /** Of a transaction that was left open by mistake. */
        public void rollbackWarn(String format, @Nullable Object... arguments) {
            add(new Line(null, () -> ROLLBACK.warn(format, arguments)));
        }

        /** Of a transaction whose work threw: a line at DEBUG whose text comes from foreign objects. */
        public void rollbackDebug(Consumer<Logger> line) {
            add(new Line(ROLLBACK, () -> line.accept(ROLLBACK)));
        }

        /**
         * Logs them all, with the thread's logging context. The thread waits, so that they stand before what it logs
         * next, and are not lost if the process ends; but not for an appender that is stuck.
         */
        public void write() {
            List<Line> written = lines;
            if (written != null) {
                quietly(() -> write(wanted(written)));
                lines = null;
            }
        }

        /** Logs them all, for a thread that they are not about: it does not wait, and lends them no context. */
        public void writeDetached() {
            List<Line> written = lines;
            if (written != null) {
                lines = null;
                detach(() -> wanted(written).forEach(Log::quietly));
            }
        }

        /** To write a line takes a thread, which one that goes nowhere is not worth. */
        private static List<Runnable> wanted(List<Line> lines) {
            return lines.stream()
                    .filter(line -> line.debugOf() == null || isDebugEnabled(line.debugOf()))
                    .map(Line::write)
                    .toList();
        }

        private static void write(List<Runnable> lines) {
            if (lines.isEmpty()) {
                return;
            }
            Map<String, String> context = MDC.getCopyOfContextMap();
            CountDownLatch done = new CountDownLatch(1);
            boolean begun = detach(() -> {
                try {
                    if (context != null) {
                        MDC.setContextMap(context);
                    }
                    lines.forEach(Log::quietly);
                } finally {
                    done.countDown();
                }
            });
            try {
                if (begun && !done.await(PATIENCE_NANOS, TimeUnit.NANOSECONDS)) {
                    return; // they are written when the appender goes on
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
