package io.github.pgmanaged.peers;

import java.time.Duration;
import java.util.List;

/** How a peer is configured. */
public enum Setup {
    /** As it comes, with one connection. */
    DEFAULT(Duration.ofSeconds(2)),
    /** With those of its options that help. */
    BEST(Duration.ofSeconds(2)),
    /**
     * As fast as it safely goes, for the benchmarks: autocommit off from the beginning where it has an option for that,
     * no validation at each borrowing, and a borrower that waits for as long as it takes.
     */
    FAST(Duration.ofMinutes(2));

    /** Those that the matrix compares. */
    static final List<Setup> COMPARED = List.of(DEFAULT, BEST);

    private final Duration acquireTimeout;

    Setup(Duration acquireTimeout) {
        this.acquireTimeout = acquireTimeout;
    }

    /**
     * How long a borrower waits, where the library has an option for that.
     *
     * @return the time
     */
    public Duration acquireTimeout() {
        return acquireTimeout;
    }

    /**
     * The same, as it is printed among the options.
     *
     * @return seconds, such as 2s
     */
    public String timeout() {
        return acquireTimeout.toSeconds() + "s";
    }
}
