package io.github.pgmanaged.faults.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Measures the calls of a cell.
 *
 * <p>Thread safety: safe.
 */
final class Clock {
    private record Took(Call call, Duration time) {}

    /** A call that gives something. */
    interface Giving<T> {
        T run() throws SQLException;
    }

    /** A call. */
    interface Doing {
        void run() throws SQLException;
    }

    private final Duration acquireTimeout;
    private final List<Took> calls = new CopyOnWriteArrayList<>();
    private volatile boolean struck;

    /** Of a manager with an acquireTimeout. */
    Clock(Duration acquireTimeout) {
        this.acquireTimeout = acquireTimeout;
    }

    /** From now on it counts. */
    void struck() {
        struck = true;
    }

    boolean hasStruck() {
        return struck;
    }

    <T> T get(Call call, Giving<T> giving) throws SQLException {
        long began = System.nanoTime();
        try {
            return giving.run();
        } finally {
            if (struck) {
                calls.add(new Took(call, Duration.ofNanos(System.nanoTime() - began)));
            }
        }
    }

    void run(Call call, Doing doing) throws SQLException {
        this.<Boolean>get(call, () -> {
            doing.run();
            return true;
        });
    }

    /** How long the fault held a thread up at the most, in one call. */
    Duration longest() {
        return calls.stream().map(Took::time).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    }

    void check() {
        assertThat(calls)
                .as("calls within their bounds")
                .allMatch(took ->
                        took.time.compareTo(took.call.bound(acquireTimeout).plus(Limits.SLACK)) < 0);
    }
}
