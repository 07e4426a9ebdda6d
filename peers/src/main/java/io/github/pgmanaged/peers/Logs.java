package io.github.pgmanaged.peers;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.logging.LogManager;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * All that anybody logs at any level, by slf4j, java.util.logging, commons-logging or a library's own: it is searched
 * for secrets, and thrown away.
 */
final class Logs {
    private static final Map<String, Set<String>> LOGGERS_BY_SECRET = new ConcurrentHashMap<>();

    private Logs() {}

    /** Turns everything on, and everything away from the terminal. */
    static synchronized void listen() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Search search = new Search();
        search.setContext(context);
        search.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.TRACE);
        root.addAppender(search);

        LogManager.getLogManager().reset();
        java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.ALL);
        SLF4JBridgeHandler.install();
    }

    /** From now on it is searched for. */
    static void lookFor(String secret) {
        LOGGERS_BY_SECRET.put(secret, new ConcurrentSkipListSet<>());
    }

    /** The loggers that have written it since then. */
    static Set<String> loggersThatWrote(String secret) {
        return new TreeSet<>(LOGGERS_BY_SECRET.getOrDefault(secret, Set.of()));
    }

    static void forget(String secret) {
        LOGGERS_BY_SECRET.remove(secret);
    }

    private static void search(String text, String writer) {
        for (Map.Entry<String, Set<String>> each : LOGGERS_BY_SECRET.entrySet()) {
            if (text.contains(each.getKey())) {
                each.getValue().add(writer);
            }
        }
    }

    /** A stream whose lines are searched, too, and thrown away. */
    static PrintStream searching(String name) {
        return new PrintStream(new Lines(name), true, StandardCharsets.UTF_8);
    }

    private static final class Lines extends OutputStream {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private final String name;

        Lines(String name) {
            this.name = name;
        }

        @Override
        public synchronized void write(int b) {
            line.write(b);
            if (b == '\n') {
                search(line.toString(StandardCharsets.UTF_8), name);
                line.reset();
            }
        }
    }

    private static final class Search extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            String text = event.getFormattedMessage();
            if (event.getThrowableProxy() != null) {
                text += ThrowableProxyUtil.asString(event.getThrowableProxy());
            }
            if (text != null) {
                search(text, event.getLoggerName() + " at " + event.getLevel());
            }
        }
    }
}
