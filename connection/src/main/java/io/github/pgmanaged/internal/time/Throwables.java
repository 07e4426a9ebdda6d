package io.github.pgmanaged.internal.time;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Foreign exceptions, handled with care: their causes may go in a circle, their methods may throw, and the same object
 * may be thrown again and again.
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

    private static @Nullable Throwable causeOf(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (RuntimeException | Error e) {
            return null;
        }
    }

    /** The exception's own text, or only its class if that is all that can be had. */
    public static String text(Throwable thrown) {
        try {
            return String.valueOf(thrown.toString());
        } catch (RuntimeException | Error e) {
            return thrown.getClass().getName();
        }
    }

    /** The exception's message; its text if it has none. */
    public static String message(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null ? text(thrown) : message;
        } catch (RuntimeException | Error e) {
            return thrown.getClass().getName();
        }
    }
}
