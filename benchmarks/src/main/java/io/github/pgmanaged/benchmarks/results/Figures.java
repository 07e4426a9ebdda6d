package io.github.pgmanaged.benchmarks.results;

import java.util.Arrays;
import java.util.List;

/**
 * One figure, measured several times. Thread safety: immutable.
 *
 * @param sorted the measurements, from small to large; none if it could not be measured
 */
public record Figures(List<Double> sorted) {
    /**
     * Several measurements.
     *
     * @param values in any order; those below zero stand for "could not be measured" and are left out
     * @return the figure
     */
    public static Figures of(double... values) {
        return new Figures(Arrays.stream(values)
                .filter(value -> value >= 0)
                .sorted()
                .boxed()
                .toList());
    }

    /**
     * Whether there is one.
     *
     * @return false if nothing was measured
     */
    public boolean isKnown() {
        return !sorted.isEmpty();
    }

    /**
     * The one in the middle.
     *
     * @return the median; the mean of two if there are two in the middle; NaN if nothing was measured
     */
    public double median() {
        int size = sorted.size();
        if (size == 0) {
            return Double.NaN;
        }
        return (sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2;
    }

    /**
     * The smallest.
     *
     * @return NaN if nothing was measured
     */
    public double min() {
        return sorted.isEmpty() ? Double.NaN : sorted.get(0);
    }

    /**
     * The largest.
     *
     * @return NaN if nothing was measured
     */
    public double max() {
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() - 1);
    }
}
