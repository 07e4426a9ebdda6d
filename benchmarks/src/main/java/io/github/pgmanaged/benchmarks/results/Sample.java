package io.github.pgmanaged.benchmarks.results;

/**
 * What one round of one contender gave. A figure below zero could not be measured here.
 *
 * @param round which round, from 0
 * @param place the contender's place in the order of this round, from 0
 * @param leases that ended within the window
 * @param leasesPerSecond the same by the window's length
 * @param p50 of the time from asking for the connection to having given it back, in nanoseconds
 * @param p99 of the same
 * @param p999 of the same
 * @param max of the same
 * @param fewest leases of one thread
 * @param most leases of one thread
 * @param clientCpuNanos this process's CPU time in the window
 * @param serverCpuNanos the server's CPU time in the window, all its processes
 * @param allocatedBytes by all of this process's threads in the window
 * @param serverBytes the server's memory at the end of the window, shared pages in proportion; measured in some series
 * @param pinned how often a virtual thread was pinned, for however short a time
 */
public record Sample(
        int round,
        int place,
        long leases,
        double leasesPerSecond,
        long p50,
        long p99,
        long p999,
        long max,
        long fewest,
        long most,
        long clientCpuNanos,
        long serverCpuNanos,
        long allocatedBytes,
        long serverBytes,
        long pinned) {
    /**
     * How evenly the threads were served.
     *
     * @return the slowest thread's leases in parts of the fastest one's
     */
    public double fairness() {
        return most == 0 ? 0 : (double) fewest / most;
    }

    /**
     * A part of a lease.
     *
     * @param total of all leases
     * @return the same for a lease; below zero if it could not be measured
     */
    public double perLease(long total) {
        return total < 0 || leases == 0 ? -1 : (double) total / leases;
    }
}
