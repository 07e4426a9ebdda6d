package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.internal.time.Throwables;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Why no session can be opened at present.
 *
 * <p>Thread safety: immutable.
 *
 * @param error the last failure
 * @param at when that was, by {@link System#nanoTime()}
 * @param since when the first failure after the last success was
 * @param count how many failures in a row
 */
public record OpeningFailure(Throwable error, long at, long since, int count) {
    static OpeningFailure after(@Nullable OpeningFailure before, Throwable error, long now) {
        return before == null
                ? new OpeningFailure(error, now, now, 1)
                : new OpeningFailure(error, now, before.since, before.count + 1);
    }

    /** The failure as the cause of another exception; null if it is none of a database. */
    public @Nullable SQLException cause() {
        return error instanceof SQLException sql ? sql : null;
    }

    /** For a message. */
    public String describe() {
        long now = System.nanoTime();
        return "opening a session has failed " + count + " times in the last "
                + TimeUnit.NANOSECONDS.toMillis(now - since) + " ms, last " + TimeUnit.NANOSECONDS.toMillis(now - at)
                + " ms ago: " + Throwables.message(error);
    }
}
