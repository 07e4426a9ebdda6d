package io.github.pgmanaged;

import java.time.Duration;

/**
 * The threads that wait for the lease, as of one moment.
 *
 * <p>Thread safety: immutable.
 *
 * @param count how many
 * @param firstWait how long the first in the queue has waited; zero if none waits
 */
public record Waiters(int count, Duration firstWait) {}
