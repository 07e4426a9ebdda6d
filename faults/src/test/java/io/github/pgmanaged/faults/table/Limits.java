package io.github.pgmanaged.faults.table;

import java.time.Duration;

/** The options of the managers, and what is left to the machine. */
final class Limits {
    /** Where there is no session to be had. */
    static final Duration ACQUIRE_TIMEOUT = Duration.ofMillis(2_500);

    /** Where a validation is to end, which has half of it, and another session is opened in the other half. */
    static final Duration VALIDATING_TIMEOUT = Duration.ofMillis(3_000);

    static final Duration MAX_LEASE = Duration.ofMillis(1_500);
    static final Duration RELEASE_TIMEOUT = Duration.ofMillis(400);
    static final int CONNECT_TIMEOUT_SECONDS = 1;

    /** For two busy processors. */
    static final Duration SLACK = Duration.ofSeconds(4);

    /** When a thread counts as one that hangs: longer than any of its calls, one after the other, may take. */
    static final Duration HANGING = Duration.ofSeconds(30);

    private Limits() {}
}
