package io.github.pgmanaged.faults.ledger;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What is noticed while the run goes on. Thread safety: safe. */
final class Findings {
    private static final int ENOUGH = 50;

    private final List<String> anomalies = new CopyOnWriteArrayList<>();
    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final AtomicLong longestWait = new AtomicLong();

    /** Something that must not be. */
    void anomaly(String what) {
        if (anomalies.size() < ENOUGH) {
            anomalies.add(what);
        }
    }

    void anomaly(String what, Throwable cause) {
        StringWriter trace = new StringWriter();
        cause.printStackTrace(new PrintWriter(trace));
        anomaly(what + ": " + trace);
    }

    List<String> anomalies() {
        return anomalies;
    }

    void count(String what) {
        count(what, 1);
    }

    void count(String what, long times) {
        counters.computeIfAbsent(what, key -> new LongAdder()).add(times);
    }

    long counted(String what) {
        LongAdder counter = counters.get(what);
        return counter == null ? 0 : counter.sum();
    }

    Map<String, LongAdder> counters() {
        return new TreeMap<>(counters);
    }

    void waited(long nanos) {
        longestWait.accumulateAndGet(nanos, Math::max);
    }

    long longestWaitNanos() {
        return longestWait.get();
    }
}
