package io.github.pgmanaged.internal.time;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Foreign exceptions, handled with care: their causes may go in a circle, their methods may throw, and the same object
 * may be thrown again and again. Their methods may block, too: so whoever has a turn asks a foreign exception nothing
 * but on a thread of its own.
 */
public final class Throwables {
    private static final int MOST_SUPPRESSED = 10;
    private static final int MOST_CAUSES = 50;

    private Throwables() {}

    /** Adds trouble of our own to an exception, unless it has a lot of that already. */
    public static void suppress(Throwable onto, Throwable trouble) {
        if (onto != trouble && onto.getSuppressed().length < MOST_SUPPRESSED) {
            onto.addSuppressed(trouble);
        }
    }

    /** The exception and its causes, each once, and not for ever. */
    public static List<Throwable> chain(Throwable thrown) {
        List<Throwable> chain = new ArrayList<>();
        Throwable next = thrown;
        while (next != null && chain.size() < MOST_CAUSES && !containsSame(chain, next)) {
            chain.add(next);
            next = causeOf(next);
        }
        return chain;
    }

    private static boolean containsSame(List<Throwable> chain, Throwable wanted) {
        for (Throwable known : chain) {
            if (known == wanted) {
                return true;
            }
        }
        return false;
    }

    /** The exception's cause; null if it has none, or does not say. */
    public static @Nullable Throwable causeOf(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Throwable t) { // a checked one that is not declared, too
            return null;
        }
    }

    /**
     * The exception itself, or one of JDBC's with it as its cause. It is asked nothing.
     *
     * @param text what the other one says
     */
    public static SQLException asSqlException(Throwable thrown, String text) {
        return thrown instanceof SQLException sql ? sql : new SQLException(text, thrown);
    }

    /** The exception's SQLState; null if it has none, or does not say. */
    public static @Nullable String sqlState(SQLException thrown) {
        try {
            return thrown.getSQLState();
        } catch (Throwable t) {
            return null;
        }
    }

    /** The exception's own text, or only its class if that is all that can be had. */
    public static String text(Throwable thrown) {
        try {
            return String.valueOf(thrown.toString());
        } catch (Throwable t) {
            return thrown.getClass().getName();
        }
    }

    /** The exception's message; its text if it has none. */
    public static String message(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null ? text(thrown) : message;
        } catch (Throwable t) {
            return thrown.getClass().getName();
        }
    }
}
