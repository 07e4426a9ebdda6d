package io.github.pgmanaged.benchmarks.results;

import java.util.List;

/**
 * A cost that JMH measured, in forks that were interleaved with those of the others.
 *
 * @param benchmark its class and method
 * @param contender who
 * @param threads how many at once
 * @param nanos an operation's time, a figure each fork
 * @param bytes an operation's allocation, a figure each fork; empty if it was not measured
 */
public record SmallCost(String benchmark, String contender, int threads, List<Double> nanos, List<Double> bytes) {
    /**
     * The time.
     *
     * @return nanoseconds an operation
     */
    public Figures time() {
        return figures(nanos);
    }

    /**
     * The allocation.
     *
     * @return bytes an operation
     */
    public Figures allocated() {
        return figures(bytes);
    }

    private static Figures figures(List<Double> values) {
        return Figures.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
