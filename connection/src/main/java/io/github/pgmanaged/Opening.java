package io.github.pgmanaged;

import io.github.pgmanaged.internal.ThreadName;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What stands between the next lease and its session, as of one moment: a thread whose turn it is gets the session
 * ready, or the last attempts to open one have failed. Says nothing of a lease that is held.
 *
 * <p>Thread safety: immutable.
 *
 * @param thread the thread that gets the session ready: it opens one, asks an idle one whether it is still there, or
 *     pauses before it tries again; empty if no thread is at it
 * @param lasting for how long: since the first attempt that failed after the last success; without one, since what the
 *     thread does now has begun, and zero if that is not known
 * @param failures how many attempts have failed since a session was opened
 * @param lastFailure the last of them; empty if none has failed
 */
public record Opening(Optional<Thread> thread, Duration lasting, int failures, Optional<Failure> lastFailure) {
    /**
     * A failed attempt to open a session.
     *
     * @param age how long ago it failed
     * @param sqlState its SQLState; null if it has none
     * @param message what it says, without a password
     */
    public record Failure(Duration age, @Nullable String sqlState, String message) {}

    /** One line for an operator. */
    @Override
    public String toString() {
        String who = thread.map(doing -> "Thread \"" + ThreadName.of(doing) + "\" is getting the session ready")
                .orElse("No thread is opening a session");
        return who
                + lastFailure
                        .map(last -> "; " + failures + " attempts have failed in the last " + lasting.toMillis()
                                + " ms, the last one " + last.age().toMillis() + " ms ago: " + last.message())
                        .orElse(lasting.isZero() ? "" : ", since " + lasting.toMillis() + " ms");
    }
}
