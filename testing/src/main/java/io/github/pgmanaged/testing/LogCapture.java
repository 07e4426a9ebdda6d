package io.github.pgmanaged.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What we logged between its making and its closing, at every level. */
public final class LogCapture implements AutoCloseable {
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
        ours.setLevel(Level.TRACE);
        ours.setAdditive(false);
        appender.list = new CopyOnWriteArrayList<>();
        appender.start();
        ours.addAppender(appender);
    }

    public List<ILoggingEvent> events() {
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
