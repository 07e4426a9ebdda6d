package io.github.pgmanaged;

import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A manager's options, checked and fixed. {@code label} names the manager in every message, without a secret. */
record Config(
        String label,
        DataSource source,
        boolean autoCommit,
        Duration acquireTimeout,
        Duration releaseTimeout,
        Duration validateAfterIdle,
        int maxWaiting,
        DatabaseErrors databaseErrors,
        Duration slowLeaseWarning,
        @Nullable Duration maxLease,
        @Nullable Duration maxLifetime,
        @Nullable Duration idleTimeout,
        SessionReset sessionReset,
        boolean verifyCommits,
        @Nullable Action<?> onOpen) {

    /** A duration in nanoseconds; half of what fits counts as for ever, so that deadlines do not overflow. */
    static long nanos(Duration duration) {
        try {
            return Math.min(duration.toNanos(), Long.MAX_VALUE / 2);
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE / 2;
        }
    }
}
