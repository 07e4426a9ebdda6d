package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.Opening;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Why no session can be opened at present.
 *
 * <p>Thread safety: immutable.
 *
 * @param failure the last failure
 * @param at when that was, by {@link System#nanoTime()}
 * @param since when the first failure after the last success was
 * @param count how many failures in a row
 */
public record OpeningFailure(AttemptFailure failure, long at, long since, int count) {
    static OpeningFailure after(@Nullable OpeningFailure before, AttemptFailure failure, long now) {
        return before == null
                ? new OpeningFailure(failure, now, now, 1)
                : new OpeningFailure(failure, now, before.since, before.count + 1);
    }

    /** The failure as the cause of another exception; null if it is none of a database. */
    public @Nullable SQLException cause() {
        return failure.error() instanceof SQLException sql ? sql : null;
    }

    /** For those who look from outside. */
    Opening.Failure shown(long now) {
        return new Opening.Failure(Duration.ofNanos(Math.max(0, now - at)), failure.state(), failure.message());
    }

    /** For a message. */
    public String describe() {
        long now = System.nanoTime();
        return "opening a session has failed " + count + " times in the last "
                + TimeUnit.NANOSECONDS.toMillis(now - since) + " ms, last " + TimeUnit.NANOSECONDS.toMillis(now - at)
                + " ms ago: " + failure.message();
    }
}
