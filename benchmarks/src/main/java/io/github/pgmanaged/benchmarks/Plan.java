package io.github.pgmanaged.benchmarks;

import io.github.pgmanaged.benchmarks.SmallCosts.Task;
import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.results.Series;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.results.Series.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is measured.
 *
 * @param name its name
 * @param series on the server
 * @param tasks by JMH
 * @param waiters of how many the memory is measured; 0 for none
 */
record Plan(String name, List<Series> series, List<Task> tasks, int waiters) {
    private static final List<String> LEADING =
            List.of(Contenders.OURS, Contenders.HIKARI, Contenders.AGROAL, "commons-dbcp2", "Vibur");

    /** All; less than half an hour. */
    static Plan whole(boolean virtualThreads) {
        List<String> all = with(with(List.of(Contenders.OURS), Contenders.pools()), List.of(Contenders.FAIR_LOCK));
        List<Series> series = new ArrayList<>();
        for (Transport transport : Transport.values()) {
            List<String> alone = with(all, List.of(Contenders.RAW));
            series.add(new Series(Scenario.PLAIN, transport, 1, false, 9, 500, 150, alone));
            series.add(new Series(Scenario.PLAIN, transport, 8, false, 9, 600, 200, all));
            series.add(new Series(Scenario.PLAIN, transport, 64, false, 7, 800, 250, all));
            series.add(new Series(Scenario.PLAIN, transport, 512, false, 5, 1_200, 400, all));
        }
        for (int threads : new int[] {8, 64}) {
            series.add(new Series(Scenario.OWN_WORK, Transport.SOCKET, threads, false, 7, 1_000, 250, LEADING));
        }
        addWaiters(series, virtualThreads, 3, 1_000, List.of(Contenders.OURS, Contenders.HIKARI, Contenders.FAIR_LOCK));
        addVirtual(series, virtualThreads, 3, 4_000);
        addPerUse(series, 5, 600);
        List<String> handles = with(LEADING, List.of(Contenders.RAW));
        List<Task> tasks = List.of(
                new Task("BorrowBenchmark", 1, 3, 500, all(LEADING)),
                new Task("BorrowBenchmark", 8, 3, 500, all(LEADING)),
                new Task("BorrowBenchmark", 32, 3, 500, all(LEADING)),
                new Task("HandleBenchmark", 1, 3, 300, handles),
                new Task("RowsBenchmark", 1, 3, 0, handles));
        return new Plan("whole", series, tasks, virtualThreads ? 10_000 : 0);
    }

    /** A first look; less than five minutes. */
    static Plan quick(boolean virtualThreads) {
        List<String> some = with(LEADING, List.of(Contenders.FAIR_LOCK));
        List<Series> series = new ArrayList<>();
        for (Transport transport : Transport.values()) {
            series.add(
                    new Series(Scenario.PLAIN, transport, 1, false, 3, 300, 100, with(some, List.of(Contenders.RAW))));
            series.add(new Series(Scenario.PLAIN, transport, 8, false, 3, 300, 100, some));
            series.add(new Series(Scenario.PLAIN, transport, 64, false, 3, 300, 100, some));
        }
        series.add(new Series(Scenario.PLAIN, Transport.SOCKET, 512, false, 3, 1_000, 300, some));
        for (int threads : new int[] {8, 64}) {
            series.add(new Series(Scenario.OWN_WORK, Transport.SOCKET, threads, false, 3, 500, 100, LEADING));
        }
        addWaiters(series, virtualThreads, 1, 700, List.of(Contenders.OURS, Contenders.FAIR_LOCK));
        addVirtual(series, virtualThreads, 1, 2_500);
        addPerUse(series, 3, 300);
        List<String> handles = List.of(Contenders.OURS, Contenders.HIKARI, Contenders.RAW);
        List<Task> tasks = List.of(
                new Task("BorrowBenchmark", 1, 1, 200, all(LEADING)),
                new Task("BorrowBenchmark", 8, 1, 200, all(LEADING)),
                new Task("BorrowBenchmark", 32, 1, 200, all(LEADING)),
                new Task("HandleBenchmark", 1, 1, 100, handles),
                new Task("RowsBenchmark", 1, 1, 0, List.of(Contenders.OURS, Contenders.RAW)));
        return new Plan("quick", series, tasks, virtualThreads ? 10_000 : 0);
    }

    /** Who takes part, in the order of tables. */
    List<String> contenders() {
        List<String> taking = series.stream()
                .flatMap(each -> each.contenders().stream())
                .distinct()
                .toList();
        return Contenders.all().stream()
                .map(each -> each.name())
                .filter(taking::contains)
                .toList();
    }

    /** Beside those that wait, one has the connection. */
    private static void addWaiters(
            List<Series> series, boolean virtualThreads, int rounds, int millis, List<String> who) {
        for (int waiting : new int[] {1, 10, 100, 1_000, 10_000}) {
            series.add(new Series(
                    Scenario.WAITERS, Transport.SOCKET, waiting + 1, virtualThreads, rounds, millis, 300, who));
        }
    }

    /** Long enough for each of ten thousand threads to be served. */
    private static void addVirtual(List<Series> series, boolean virtualThreads, int rounds, int millis) {
        if (!virtualThreads) {
            return;
        }
        List<String> who = List.of(Contenders.OURS, Contenders.FAIR_LOCK);
        for (Transport transport : Transport.values()) {
            series.add(new Series(Scenario.VIRTUAL, transport, 64, false, rounds, 1_000, 300, who));
            series.add(new Series(Scenario.VIRTUAL, transport, 10_000, true, rounds, millis, 300, who));
        }
    }

    private static void addPerUse(List<Series> series, int rounds, int millis) {
        List<String> who = List.of(Contenders.OURS, Contenders.PER_USE);
        for (Transport transport : Transport.values()) {
            series.add(new Series(Scenario.PER_USE, transport, 8, false, rounds, millis, 200, who));
        }
    }

    private static List<String> all(List<String> pools) {
        return with(pools, List.of(Contenders.FAIR_LOCK));
    }

    private static List<String> with(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }
}
