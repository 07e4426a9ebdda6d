package io.github.pgmanaged.conninfo;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What pgjdbc logs meanwhile: it likes to log whole URLs. Keeps it from the console, too. */
final class PgjdbcLog extends Handler implements AutoCloseable {
    private static final Logger PGJDBC = Logger.getLogger("org.postgresql");

    private final List<String> messages = new ArrayList<>();

    private PgjdbcLog() {}

    static PgjdbcLog watched() {
        PgjdbcLog log = new PgjdbcLog();
        PGJDBC.setUseParentHandlers(false);
        PGJDBC.addHandler(log);
        return log;
    }

    /** The first message that holds the text. */
    Optional<String> messageWith(String text) {
        return messages.stream().filter(message -> message.contains(text)).findFirst();
    }

    @Override
    public void publish(LogRecord entry) {
        messages.add(new SimpleFormatter().formatMessage(entry));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        PGJDBC.removeHandler(this);
        PGJDBC.setUseParentHandlers(true);
    }
}
