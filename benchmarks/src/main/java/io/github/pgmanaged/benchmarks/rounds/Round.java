package io.github.pgmanaged.benchmarks.rounds;

import io.github.pgmanaged.benchmarks.contenders.Contender;
import io.github.pgmanaged.benchmarks.contenders.Contender.Desk;
import io.github.pgmanaged.benchmarks.contenders.Place;
import io.github.pgmanaged.benchmarks.results.Sample;
import io.github.pgmanaged.benchmarks.results.Series;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One contender's round: it is opened, its threads run for a while, then they are measured, then it is closed. So no
 * thread of one contender, and no connection of its, is there in another's round.
 */
final class Round {
    private final Series series;
    private final Place place;
    private final ServerProcesses server;

    Round(Series series, Place place, ServerProcesses server) {
        this.series = series;
        this.place = place;
        this.server = server;
    }

    /** Plays it; the sample's numbers are given. */
    Sample play(Contender contender, int round, int order) throws Exception {
        try (Desk desk = contender.open(place)) {
            if (!series.virtual()) {
                return play(desk, round, order, null);
            }
            try (Pinning pinning = new Pinning()) {
                return play(desk, round, order, pinning);
            }
        }
    }

    private Sample play(Desk desk, int round, int order, @Nullable Pinning pinning) throws Exception {
        Window window = new Window();
        Work work = Work.of(series.scenario());
        List<Worker> workers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < series.threads(); i++) {
            Worker worker = new Worker(desk, work, window, i);
            workers.add(worker);
            Thread thread = NewThreads.of(series.virtual(), worker, i);
            threads.add(thread);
            thread.start();
        }
        window.start();
        pause(series.leadInMillis(), window);

        long serverBefore = server.cpuNanos();
        ClientMeter clientBefore = ClientMeter.read();
        window.open();
        pause(series.windowMillis(), window);
        if (window.failure() == null) {
            window.close();
        }
        ClientMeter clientAfter = ClientMeter.read();
        long serverAfter = server.cpuNanos();
        long serverBytes = series.scenario() == Scenario.PER_USE ? server.bytes() : -1;

        for (Thread thread : threads) {
            thread.join();
        }
        Throwable failure = window.failure();
        if (failure != null) {
            throw new IllegalStateException(failure.toString(), failure);
        }
        LongSummaryStatistics each = workers.stream().mapToLong(Worker::leases).summaryStatistics();
        Histogram times = window.times();
        return new Sample(
                round,
                order,
                each.getSum(),
                each.getSum() * 1e9 / window.nanos(),
                times.getValueAtPercentile(50),
                times.getValueAtPercentile(99),
                times.getValueAtPercentile(99.9),
                times.getMaxValue(),
                each.getMin(),
                each.getMax(),
                clientAfter.cpuNanos() - clientBefore.cpuNanos(),
                serverBefore < 0 || serverAfter < 0 ? -1 : serverAfter - serverBefore,
                clientAfter.allocatedBytesSince(clientBefore),
                serverBytes,
                pinning == null ? -1 : pinning.count());
    }

    /** Lets the threads run; less if the round has failed. */
    private static void pause(int millis, Window window) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = 1; left > 0 && window.failure() == null; left = until - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(Math.max(left, 1), TimeUnit.MILLISECONDS.toNanos(100)));
        }
    }
}
