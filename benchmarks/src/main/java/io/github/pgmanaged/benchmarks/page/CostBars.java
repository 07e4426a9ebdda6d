package io.github.pgmanaged.benchmarks.page;

import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.page.Bar.Verdict;
import io.github.pgmanaged.benchmarks.results.Measured;
import io.github.pgmanaged.benchmarks.results.Results;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.results.Series.Transport;
import io.github.pgmanaged.benchmarks.results.SmallCost;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The bars of what a lease and its handles cost: times and bytes. */
final class CostBars {
    private static final String NOTHING = "BorrowBenchmark.nothing";
    private static final int MOST_BYTES = 96;
    private static final int MOST_BYTES_BESIDE_RAW = 200;

    private final Results results;
    private final List<Bar> bars = new ArrayList<>();

    private CostBars(Results results) {
        this.results = results;
    }

    static List<Bar> of(Results results) {
        CostBars all = new CostBars(results);
        for (int threads : new int[] {1, 8, 32}) {
            all.addNothing(threads);
        }
        all.addBytesOfNothing();
        for (Transport transport : Transport.values()) {
            all.addBytesOfUse(transport);
        }
        all.addAtMost("rows", "1,000,000 rows × 10 columns", "RowsBenchmark.rows", 1 / 0.98);
        all.addAtMost("statement", "create, execute, close", "HandleBenchmark.statement", 1 / 0.98);
        for (String getter : List.of("getInt", "getLong", "getString")) {
            all.addAtMost("getter", getter + "()", "HandleBenchmark." + getter, 1.15);
        }
        all.addAtMost("getter", "Reader.read()", "HandleBenchmark.readerRead", 1.2);
        return all.bars;
    }

    private void addNothing(int threads) {
        String about = "acquire and close, " + threads + (threads == 1 ? " thread" : " threads");
        Optional<SmallCost> ours = results.cost(NOTHING, Contenders.OURS, threads);
        Optional<SmallCost> best = Contenders.pools().stream()
                .flatMap(name -> results.cost(NOTHING, name, threads).stream())
                .min(Comparator.comparingDouble(each -> each.time().median()));
        if (ours.isEmpty() || best.isEmpty()) {
            bars.add(Bar.unmeasured(about, "ns ≤ the best pool's"));
            return;
        }
        double mine = ours.get().time().median();
        double other = best.get().time().median();
        bars.add(new Bar(
                about,
                "ns ≤ the best pool's (" + best.get().contender() + ")",
                Texts.ratio(mine / other) + " ×",
                Verdict.of(mine <= other),
                mine <= other ? "" : times(ours.get(), best.get())));
    }

    private void addBytesOfNothing() {
        String bar = "bytes ≤ " + MOST_BYTES;
        Optional<SmallCost> ours = results.cost(NOTHING, Contenders.OURS, 1);
        if (ours.isEmpty() || !ours.get().allocated().isKnown()) {
            bars.add(Bar.unmeasured("acquire and close", bar));
            return;
        }
        double bytes = ours.get().allocated().median();
        bars.add(
                new Bar("acquire and close", bar, Texts.count(bytes), Verdict.of(Math.round(bytes) <= MOST_BYTES), ""));
    }

    private void addBytesOfUse(Transport transport) {
        String about = transport.title() + ", 1 thread, `select 1` and commit";
        String bar = "bytes ≤ the raw connection's + " + MOST_BYTES_BESIDE_RAW;
        Optional<Measured> ours = results.find(Scenario.PLAIN, transport, 1, Contenders.OURS);
        Optional<Measured> raw = results.find(Scenario.PLAIN, transport, 1, Contenders.RAW);
        if (ours.isEmpty() || raw.isEmpty()) {
            bars.add(Bar.unmeasured(about, bar));
            return;
        }
        double mine = ours.get().bytes().median();
        double other = raw.get().bytes().median();
        bars.add(new Bar(
                about,
                bar,
                Texts.count(mine) + " = " + Texts.count(other) + " + " + Texts.count(mine - other),
                Verdict.of(mine - other <= MOST_BYTES_BESIDE_RAW),
                ""));
    }

    private void addAtMost(String kind, String about, String benchmark, double limit) {
        String bar = kind.equals("getter")
                ? "ns ≤ " + Texts.ratio(limit) + " × the driver's"
                : "speed ≥ 0.98 × the driver's";
        Optional<SmallCost> ours = results.cost(benchmark, Contenders.OURS, 1);
        Optional<SmallCost> raw = results.cost(benchmark, Contenders.RAW, 1);
        if (ours.isEmpty() || raw.isEmpty()) {
            bars.add(Bar.unmeasured(about, bar));
            return;
        }
        double ratio = ours.get().time().median() / raw.get().time().median();
        boolean reached = ratio <= limit;
        bars.add(new Bar(
                about,
                bar,
                Texts.ratio(kind.equals("getter") ? ratio : 1 / ratio) + " ×",
                Verdict.of(reached),
                reached ? "" : times(ours.get(), raw.get())));
    }

    private static String times(SmallCost ours, SmallCost other) {
        return time(ours) + "; " + time(other) + ".";
    }

    private static String time(SmallCost of) {
        String unit = Texts.unit(of.time().median());
        return of.contender() + ": " + Texts.in(unit, of.time().median()) + " " + unit + " ("
                + Texts.in(unit, of.time().min()) + " to "
                + Texts.in(unit, of.time().max()) + "), "
                + Texts.count(of.allocated().median()) + " bytes";
    }
}
