package io.github.pgmanaged.benchmarks.results;

import java.util.List;
import java.util.Map;

/**
 * Where the time of a lease goes. All figures are a lease's; those below zero could not be measured.
 *
 * @param title who did what, with how many threads
 * @param nanos the time from one lease to the next, of all threads together
 * @param clientCpuNanos this process's CPU time
 * @param serverCpuNanos that of the backend
 * @param bytes what all threads allocate
 * @param clientSwitches how often a thread of the client gave a processor up
 * @param clientPreempted how often one was made to
 * @param serverSwitches how often the backend gave a processor up
 * @param clientCalls system calls of the client, by name; empty if they were not counted
 * @param serverCalls system calls of the backend, by name; empty if they were not counted
 * @param spent the samples, the largest first
 */
public record LeaseProfile(
        String title,
        double nanos,
        double clientCpuNanos,
        double serverCpuNanos,
        double bytes,
        double clientSwitches,
        double clientPreempted,
        double serverSwitches,
        Map<String, Double> clientCalls,
        Map<String, Double> serverCalls,
        List<Spent> spent) {
    /**
     * Samples of one place.
     *
     * @param room the part of the program
     * @param step the innermost method of this library or of the driver; "JVM" if there is none
     * @param kernel whether they were in the kernel
     * @param samples how many
     */
    public record Spent(String room, String step, boolean kernel, long samples) {}

    /**
     * How many samples there are.
     *
     * @return of all places
     */
    public long samples() {
        return spent.stream().mapToLong(Spent::samples).sum();
    }

    /**
     * The time that samples stand for.
     *
     * @param samples how many
     * @return their part of the client's CPU time, in nanoseconds a lease
     */
    public double nanosOf(long samples) {
        return clientCpuNanos * samples / samples();
    }
}
