package io.github.pgmanaged.benchmarks.page;

import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.page.Bar.Verdict;
import io.github.pgmanaged.benchmarks.results.Figures;
import io.github.pgmanaged.benchmarks.results.Measured;
import io.github.pgmanaged.benchmarks.results.Results;
import io.github.pgmanaged.benchmarks.results.Sample;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.results.Series.Transport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** All bars of the rounds on the server, and whether they were reached: by medians. */
final class Bars {
    private final Results results;
    private final List<Bar> bars = new ArrayList<>();

    private Bars(Results results) {
        this.results = results;
    }

    static List<Bar> of(Results results) {
        Bars all = new Bars(results);
        for (Transport transport : Transport.values()) {
            all.addOneThread(transport);
            all.addEight(transport);
            for (int threads : new int[] {64, 512}) {
                all.addMany(transport, threads);
            }
        }
        for (int threads : new int[] {8, 64}) {
            all.addOwnWork(threads);
        }
        all.bars.addAll(CostBars.of(results));
        all.bars.addAll(WaiterBars.of(results));
        return all.bars;
    }

    private void addOneThread(Transport transport) {
        String about = about(transport, 1);
        String bar = "leases/s ≥ 0.98 × the raw connection's";
        compare(about, bar, transport, 1, Contenders.RAW, Measured::leases, 0.98, true);
    }

    private void addEight(Transport transport) {
        String about = about(transport, 8);
        best(transport, 8)
                .ifPresentOrElse(
                        best -> compare(
                                about,
                                "leases/s ≥ 1.10 × the best pool's (" + best + ")",
                                transport,
                                8,
                                best,
                                Measured::leases,
                                1.10,
                                true),
                        () -> bars.add(Bar.unmeasured(about, "leases/s ≥ 1.10 × the best pool's")));
        compare(about, "p99 ≤ 0.5 × HikariCP's", transport, 8, Contenders.HIKARI, Measured::p99, 0.5, false);
    }

    private void addMany(Transport transport, int threads) {
        String about = about(transport, threads);
        String lock = Contenders.FAIR_LOCK;
        String hikari = Contenders.HIKARI;
        compare(about, "leases/s ≥ the fair lock's", transport, threads, lock, Measured::leases, 1, true);
        compare(about, "leases/s ≥ 1.2 × HikariCP's", transport, threads, hikari, Measured::leases, 1.2, true);
        compare(about, "p99 ≤ 1.1 × the fair lock's", transport, threads, lock, Measured::p99, 1.1, false);
        compare(about, "p99 ≤ 0.2 × HikariCP's", transport, threads, hikari, Measured::p99, 0.2, false);
        String bar = "slowest thread's leases ≥ 0.8 × the fastest's";
        Optional<Measured> ours = results.find(Scenario.PLAIN, transport, threads, Contenders.OURS);
        if (ours.isEmpty()) {
            bars.add(Bar.unmeasured(about, bar));
            return;
        }
        double fairness = ours.get().fairness().median();
        bars.add(new Bar(about, bar, Texts.ratio(fairness) + " ×", Verdict.of(fairness >= 0.8), ""));
    }

    /** The pool with the most leases. */
    private Optional<String> best(Transport transport, int threads) {
        return Contenders.pools().stream()
                .flatMap(name -> results.find(Scenario.PLAIN, transport, threads, name).stream())
                .max(Comparator.comparingDouble(each -> each.leases().median()))
                .map(Measured::contender);
    }

    private void compare(
            String about,
            String bar,
            Transport transport,
            int threads,
            String other,
            Function<Measured, Figures> figure,
            double limit,
            boolean moreIsBetter) {
        Optional<Measured> ours = results.find(Scenario.PLAIN, transport, threads, Contenders.OURS);
        Optional<Measured> theirs = results.find(Scenario.PLAIN, transport, threads, other);
        if (ours.isEmpty() || theirs.isEmpty()) {
            bars.add(Bar.unmeasured(about, bar));
            return;
        }
        double ratio =
                figure.apply(ours.get()).median() / figure.apply(theirs.get()).median();
        boolean reached = moreIsBetter ? ratio >= limit : ratio <= limit;
        bars.add(new Bar(
                about,
                bar,
                Texts.ratio(ratio) + " ×",
                Verdict.of(reached),
                reached ? "" : why(ours.get(), theirs.get())));
    }

    /** What the other one's figures look like beside ours. */
    private static String why(Measured ours, Measured theirs) {
        return sentence(ours) + "; " + sentence(theirs) + ".";
    }

    private static String sentence(Measured of) {
        return of.contender() + ": " + Texts.count(of.leases().median()) + " leases/s ("
                + Texts.count(of.leases().min()) + " to "
                + Texts.count(of.leases().max()) + "), p99 "
                + Texts.millis(of.p99().median()) + " ms, longest "
                + Texts.millis(of.of(Sample::max).max()) + " ms, slowest/fastest thread "
                + Texts.ratio(of.fairness().median());
    }

    private void addOwnWork(int threads) {
        String about = "5 ms of own work, " + threads + " threads";
        addNoWorse(about, "leases/s", threads, Measured::leases, true);
        addNoWorse(about, "p50", threads, each -> each.of(Sample::p50), false);
        addNoWorse(about, "p99", threads, Measured::p99, false);
        addNoWorse(about, "p99.9", threads, each -> each.of(Sample::p999), false);
        addNoWorse(about, "slowest/fastest thread", threads, Measured::fairness, true);
        addNoWorse(about, "CPU a lease", threads, Measured::clientCpu, false);
        addNoWorse(about, "server's CPU a lease", threads, Measured::serverCpu, false);
    }

    /** Worse by more than noise is: the best pool's median is better, and no round of ours lies in its range. */
    private void addNoWorse(
            String about, String name, int threads, Function<Measured, Figures> figure, boolean moreIsBetter) {
        String bar = name + " no worse than the best pool's by more than noise";
        Optional<Measured> ours = results.find(Scenario.OWN_WORK, Transport.SOCKET, threads, Contenders.OURS);
        Stream<Measured> pools = Contenders.pools().stream()
                .flatMap(each -> results.find(Scenario.OWN_WORK, Transport.SOCKET, threads, each).stream())
                .filter(each -> figure.apply(each).isKnown());
        Comparator<Measured> order =
                Comparator.comparingDouble(each -> figure.apply(each).median());
        Optional<Measured> best = moreIsBetter ? pools.max(order) : pools.min(order);
        if (ours.isEmpty() || best.isEmpty() || !figure.apply(ours.get()).isKnown()) {
            bars.add(Bar.unmeasured(about, bar));
            return;
        }
        Figures mine = figure.apply(ours.get());
        Figures other = figure.apply(best.get());
        boolean worse = moreIsBetter ? mine.max() < other.min() : mine.min() > other.max();
        bars.add(new Bar(
                about,
                bar,
                Texts.ratio(mine.median() / other.median()) + " × ("
                        + best.get().contender() + ")",
                Verdict.of(!worse),
                worse ? why(ours.get(), best.get()) : ""));
    }

    private static String about(Transport transport, int threads) {
        return transport.title() + ", " + threads + (threads == 1 ? " thread" : " threads");
    }
}
