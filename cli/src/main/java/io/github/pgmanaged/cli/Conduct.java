package io.github.pgmanaged.cli;

import java.sql.SQLException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What was seen while the threads worked. Thread safety: safe. */
final class Conduct {
    private static final int DIGITS = 3;

    private final Map<Misbehaviour, LongAdder> told = adders();
    private final Map<Misbehaviour, LongAdder> notTold = adders();
    private final LongAdder lostSessions = new LongAdder();
    private final ConcurrentLinkedQueue<String> surprises = new ConcurrentLinkedQueue<>();
    private final Histogram waits = new ConcurrentHistogram(DIGITS);

    void told(Misbehaviour kind) {
        adder(told, kind).increment();
    }

    void notTold(Misbehaviour kind) {
        adder(notTold, kind).increment();
    }

    /** Somebody was told that the session is gone. */
    void lostSession() {
        lostSessions.increment();
    }

    /** What nobody provoked. */
    void surprise(Exception e) {
        String state = e instanceof SQLException error ? " (SQLState " + error.getSQLState() + ")" : "";
        surprises.add(e.getClass().getSimpleName() + state + ": " + e.getMessage());
    }

    void waited(long nanos) {
        waits.recordValue(Math.max(0, nanos));
    }

    long timesTold(Misbehaviour kind) {
        return adder(told, kind).sum();
    }

    long timesNotTold(Misbehaviour kind) {
        return adder(notTold, kind).sum();
    }

    long lostSessions() {
        return lostSessions.sum();
    }

    List<String> surprises() {
        return List.copyOf(surprises);
    }

    /** How long leases were waited for, in nanoseconds. */
    Histogram waits() {
        return waits.copy();
    }

    private static Map<Misbehaviour, LongAdder> adders() {
        Map<Misbehaviour, LongAdder> adders = new EnumMap<>(Misbehaviour.class);
        for (Misbehaviour kind : Misbehaviour.values()) {
            adders.put(kind, new LongAdder());
        }
        return Collections.unmodifiableMap(adders);
    }

    private static LongAdder adder(Map<Misbehaviour, LongAdder> adders, Misbehaviour kind) {
        LongAdder adder = adders.get(kind);
        if (adder == null) {
            throw new IllegalStateException("no counter for " + kind);
        }
        return adder;
    }
}
