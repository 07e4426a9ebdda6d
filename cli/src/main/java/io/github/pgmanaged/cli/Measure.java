package io.github.pgmanaged.cli;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What good turns cost, done in one way. Thread safety: safe, but for {@link #addTime}. */
final class Measure {
    private static final int DIGITS = 3;

    private final LongAdder transfers = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final Histogram turns = new ConcurrentHistogram(DIGITS);
    private Duration time = Duration.ZERO;

    /** One turn: a transfer, from the wish to the end of the commit. */
    @FunctionalInterface
    interface GoodTurn {
        boolean isAcknowledged();
    }

    void take(GoodTurn turn) {
        long start = System.nanoTime();
        if (turn.isAcknowledged()) {
            turns.recordValue(System.nanoTime() - start);
            transfers.increment();
        } else {
            failures.increment();
        }
    }

    /** Between rounds only. */
    void addTime(Duration round) {
        time = time.plus(round);
    }

    double transfersPerSecond() {
        return transfers.sum() / Math.max(1e-9, time.toNanos() / 1e9);
    }

    long transfers() {
        return transfers.sum();
    }

    long failures() {
        return failures.sum();
    }

    /** How long a turn took, its waiting included, in nanoseconds. */
    Histogram turns() {
        return turns.copy();
    }
}
