package io.github.pgmanaged.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What we logged between its making and its closing, at every level. Each line is written on a thread of its own, for
 * which whoever has something to log waits a second at most: so lines that are on their way are waited for here, those
 * of before when it is made, and all that there are by then when it is asked.
 */
public final class LogCapture implements AutoCloseable {
    /** One that is stuck in an appender is not waited for longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Logger ours = (Logger) LoggerFactory.getLogger("io.github.pgmanaged");
    private final @Nullable Level before = ours.getLevel();
    private final boolean additive = ours.isAdditive();
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>() {
        @Override
        protected void append(ILoggingEvent event) {
            event.prepareForDeferredProcessing(); // with the logging context of the thread that logs
            super.append(event);
        }
    };

    public LogCapture() {
        awaitLinesUnderWay();
        ours.setLevel(Level.TRACE);
        ours.setAdditive(false);
        appender.list = new CopyOnWriteArrayList<>();
        appender.start();
        ours.addAppender(appender);
    }

    private static void awaitLinesUnderWay() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("pgmanaged log")) {
                try {
                    thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    /** What has been written by now, at a level; no line is waited for. */
    public List<ILoggingEvent> writtenAt(Level level) {
        return appender.list.stream().filter(e -> e.getLevel() == level).toList();
    }

    public List<ILoggingEvent> events() {
        awaitLinesUnderWay();
        return List.copyOf(appender.list);
    }

    public List<ILoggingEvent> at(Level level) {
        return events().stream().filter(e -> e.getLevel() == level).toList();
    }

    /** The messages of our warnings. */
    public List<String> warnings() {
        return at(Level.WARN).stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    /** All messages, with their exceptions. */
    public String everything() {
        StringBuilder text = new StringBuilder();
        for (ILoggingEvent event : events()) {
            text.append(event.getFormattedMessage()).append('\n');
            if (event.getThrowableProxy() != null) {
                text.append(ThrowableProxyUtil.asString(event.getThrowableProxy()))
                        .append('\n');
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        ours.detachAppender(appender);
        ours.setLevel(before);
        ours.setAdditive(additive);
    }
}
