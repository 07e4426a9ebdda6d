package io.github.pgmanaged.benchmarks.results;

/**
 * A part of the run, and what the machine did meanwhile.
 *
 * @param title of what was measured
 * @param seconds how long it took
 * @param expectedLoad how many threads and processes of this run want a processor at the same time, at most
 * @param loadBefore the load average of the last minute when it began; below zero if unknown
 * @param loadAfter the same when it ended
 * @param others how many processors everything else took, on average; below zero if unknown
 * @param failure why it gave nothing, or less than it should; empty otherwise
 */
public record Section(
        String title,
        long seconds,
        double expectedLoad,
        double loadBefore,
        double loadAfter,
        double others,
        String failure) {
    /** Of the processors; less is what every machine does by itself. */
    private static final double MUCH = 0.1;

    /**
     * Whether something else was running.
     *
     * @param cores how many processors there are
     * @param expectedBefore the expected load of the section before, which the load average still remembers
     * @return true if the load was larger than the processors and this run explain, or others took much of them
     */
    public boolean isDisturbed(int cores, double expectedBefore) {
        return loadBefore > cores + Math.max(expectedBefore, expectedLoad)
                || loadAfter > cores + Math.max(expectedBefore, expectedLoad)
                || others > MUCH * cores;
    }
}
