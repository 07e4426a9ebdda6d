package io.github.pgmanaged.conninfo;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What pgjdbc logs meanwhile: it likes to log whole URLs. Keeps it from the console, too. */
public final class PgjdbcLog extends Handler implements AutoCloseable {
    private static final Logger PGJDBC = Logger.getLogger("org.postgresql");

    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final Level before = PGJDBC.getLevel();

    private PgjdbcLog() {}

    static PgjdbcLog watched() {
        PgjdbcLog log = new PgjdbcLog();
        PGJDBC.setUseParentHandlers(false);
        PGJDBC.addHandler(log);
        return log;
    }

    /** All that it could log, and not only what it logs by default. */
    public static PgjdbcLog atEveryLevel() {
        PgjdbcLog log = watched();
        PGJDBC.setLevel(Level.ALL);
        return log;
    }

    /** All messages, with their exceptions. */
    public String everything() {
        return String.join("\n", messages);
    }

    /** The first message that holds the text. */
    Optional<String> messageWith(String text) {
        return messages.stream().filter(message -> message.contains(text)).findFirst();
    }

    @Override
    public void publish(LogRecord entry) {
        StringWriter text = new StringWriter();
        text.write(new SimpleFormatter().formatMessage(entry));
        if (entry.getThrown() != null) {
            entry.getThrown().printStackTrace(new PrintWriter(text));
        }
        messages.add(text.toString());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        PGJDBC.removeHandler(this);
        PGJDBC.setLevel(before);
        PGJDBC.setUseParentHandlers(true);
    }
}
