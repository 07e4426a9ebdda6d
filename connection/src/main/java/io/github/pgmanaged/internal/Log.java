package io.github.pgmanaged.internal;

import io.github.pgmanaged.internal.time.Threads;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log. An appender belongs to the application: it may throw, and then nothing comes of it but a lost line; it may
 * block, and then it must not block anybody else. So code that runs inside a turn, in the queue or for the janitor logs
 * {@link Later} or detached.
 *
 * <p>Thread safety: safe.
 */
public final class Log {
    private static final Logger LOG = LoggerFactory.getLogger("io.github.pgmanaged.ManagedConnection");

    private Log() {}

    /** For the thread whose own time it is. */
    public static void debug(String format, @Nullable Object... arguments) {
        quietly(() -> LOG.debug(format, arguments));
    }

    /** On a thread of its own. */
    public static void detachedDebug(String format, @Nullable Object... arguments) {
        if (isDebugEnabled()) {
            Threads.detach("log", () -> debug(format, arguments));
        }
    }

    /** On a thread of its own. */
    public static void detachedInfo(String format, @Nullable Object... arguments) {
        Threads.detach("log", () -> quietly(() -> LOG.info(format, arguments)));
    }

    /** On a thread of its own. */
    public static void detachedWarn(String format, @Nullable Object... arguments) {
        Threads.detach("log", () -> quietly(() -> LOG.warn(format, arguments)));
    }

    /** On a thread of its own. */
    public static void detachedError(String format, @Nullable Object... arguments) {
        Threads.detach("log", () -> quietly(() -> LOG.error(format, arguments)));
    }

    private static boolean isDebugEnabled() {
        try {
            return LOG.isDebugEnabled();
        } catch (RuntimeException | Error e) {
            return false;
        }
    }

    private static void quietly(Runnable line) {
        try {
            line.run();
        } catch (RuntimeException | Error e) { // the appender's; and where should that be logged?
            return;
        }
    }

    /** Lines that wait until the turn is over. Thread safety: none. */
    public static final class Later {
        private final List<Runnable> lines = new ArrayList<>(1);

        public void info(String format, @Nullable Object... arguments) {
            lines.add(() -> LOG.info(format, arguments));
        }

        public void warn(String format, @Nullable Object... arguments) {
            lines.add(() -> LOG.warn(format, arguments));
        }

        public void debug(String format, @Nullable Object... arguments) {
            lines.add(() -> LOG.debug(format, arguments));
        }

        /** Logs them all. */
        public void write() {
            lines.forEach(Log::quietly);
            lines.clear();
        }
    }
}
