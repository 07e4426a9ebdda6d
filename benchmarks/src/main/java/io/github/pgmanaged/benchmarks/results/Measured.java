package io.github.pgmanaged.benchmarks.results;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a contender reached in a series.
 *
 * @param series which series
 * @param contender its name
 * @param samples a round each
 * @param failures what went wrong in rounds that gave nothing
 */
public record Measured(Series series, String contender, List<Sample> samples, List<String> failures) {
    /**
     * One figure of all rounds.
     *
     * @param figure what to take of a round
     * @return the figure
     */
    public Figures of(ToDoubleFunction<Sample> figure) {
        return Figures.of(samples.stream().mapToDouble(figure).toArray());
    }

    /**
     * How fast.
     *
     * @return leases a second
     */
    public Figures leases() {
        return of(Sample::leasesPerSecond);
    }

    /**
     * How long all but one in a hundred took.
     *
     * @return waiting and use, in nanoseconds
     */
    public Figures p99() {
        return of(Sample::p99);
    }

    /**
     * How evenly.
     *
     * @return the slowest thread's leases in parts of the fastest one's
     */
    public Figures fairness() {
        return of(Sample::fairness);
    }

    /**
     * What it takes of this process's CPU time.
     *
     * @return nanoseconds a lease
     */
    public Figures clientCpu() {
        return of(sample -> sample.perLease(sample.clientCpuNanos()));
    }

    /**
     * What it takes of the server's CPU time.
     *
     * @return nanoseconds a lease
     */
    public Figures serverCpu() {
        return of(sample -> sample.perLease(sample.serverCpuNanos()));
    }

    /**
     * What it allocates.
     *
     * @return bytes a lease
     */
    public Figures bytes() {
        return of(sample -> sample.perLease(sample.allocatedBytes()));
    }
}
