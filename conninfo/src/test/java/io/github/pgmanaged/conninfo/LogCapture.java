package io.github.pgmanaged.conninfo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/** What we and pgjdbc logged between its making and its closing, at every level. */
public final class LogCapture extends Handler implements AutoCloseable {
    private static final java.util.logging.Logger PGJDBC = java.util.logging.Logger.getLogger("org.postgresql");

    private final Logger ours = (Logger) LoggerFactory.getLogger("io.github.pgmanaged");
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
    private final List<String> theirs = new CopyOnWriteArrayList<>();
    private final Level before = ours.getLevel();
    private final java.util.logging.Level theirsBefore = PGJDBC.getLevel();

    public LogCapture() {
        ours.setLevel(Level.TRACE);
        ours.setAdditive(false);
        appender.list = new CopyOnWriteArrayList<>();
        appender.start();
        ours.addAppender(appender);
        setLevel(java.util.logging.Level.ALL);
        PGJDBC.setLevel(java.util.logging.Level.ALL);
        PGJDBC.setUseParentHandlers(false);
        PGJDBC.addHandler(this);
    }

    /** Our messages of warning. */
    public List<String> warnings() {
        return appender.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** All messages, with the exceptions. */
    public String everything() {
        StringBuilder text = new StringBuilder(String.join("\n", theirs));
        for (ILoggingEvent event : appender.list) {
            text.append('\n').append(event.getFormattedMessage());
            if (event.getThrowableProxy() != null) {
                text.append('\n').append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        }
        return text.toString();
    }

    /** What pgjdbc logged. */
    public List<String> theirs() {
        return List.copyOf(theirs);
    }

    @Override
    public void publish(LogRecord entry) {
        StringWriter text = new StringWriter();
        text.write(new SimpleFormatter().formatMessage(entry));
        if (entry.getThrown() != null) {
            entry.getThrown().printStackTrace(new PrintWriter(text));
        }
        theirs.add(text.toString());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        ours.detachAppender(appender);
        ours.setLevel(before);
        ours.setAdditive(true);
        PGJDBC.removeHandler(this);
        PGJDBC.setLevel(theirsBefore);
        PGJDBC.setUseParentHandlers(true);
    }
}
