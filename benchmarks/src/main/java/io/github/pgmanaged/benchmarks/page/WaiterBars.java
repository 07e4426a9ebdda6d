package io.github.pgmanaged.benchmarks.page;

import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.page.Bar.Verdict;
import io.github.pgmanaged.benchmarks.results.Measured;
import io.github.pgmanaged.benchmarks.results.Results;
import io.github.pgmanaged.benchmarks.results.Sample;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.results.Series.Transport;
import io.github.pgmanaged.benchmarks.results.WaiterMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** The bars of many waiters: virtual threads, memory, the curve; and the ratio to a connection per use. */
final class WaiterBars {
    private static final int VIRTUAL = 10_000;
    private static final int PLATFORM = 64;
    private static final int MOST_BYTES = 2_048;

    private final Results results;
    private final List<Bar> bars = new ArrayList<>();

    private WaiterBars(Results results) {
        this.results = results;
    }

    static List<Bar> of(Results results) {
        WaiterBars all = new WaiterBars(results);
        for (Transport transport : Transport.values()) {
            all.addVirtual(transport);
        }
        all.addMemory();
        all.addCurve();
        for (Transport transport : Transport.values()) {
            all.addPerUse(transport);
        }
        return all.bars;
    }

    private void addVirtual(Transport transport) {
        String about = transport.title() + ", 10,000 virtual threads";
        Optional<Measured> virtual = results.find(Scenario.VIRTUAL, transport, VIRTUAL, true, Contenders.OURS);
        Optional<Measured> platform = results.find(Scenario.VIRTUAL, transport, PLATFORM, Contenders.OURS);
        String speed = "leases/s ≥ 0.9 × 64 platform threads'";
        if (virtual.isEmpty() || platform.isEmpty()) {
            bars.add(Bar.unmeasured(about, "all served, none pinned"));
            bars.add(Bar.unmeasured(about, speed));
            return;
        }
        double fewest = virtual.get().of(Sample::fewest).min();
        double pinned = virtual.get().of(Sample::pinned).max();
        bars.add(new Bar(
                about,
                "all served, none pinned",
                "at least " + Texts.count(fewest) + " leases a thread, pinned " + Texts.count(pinned) + " times",
                Verdict.of(fewest > 0 && pinned == 0),
                ""));
        double ratio = virtual.get().leases().median() / platform.get().leases().median();
        bars.add(new Bar(about, speed, Texts.ratio(ratio) + " ×", Verdict.of(ratio >= 0.9), ""));
    }

    private void addMemory() {
        String about = "a waiting virtual thread";
        String bar = "≤ 2 KiB beside one that is only parked";
        Optional<WaiterMemory> parked = memory("");
        Optional<WaiterMemory> ours = memory(Contenders.OURS);
        if (parked.isEmpty() || ours.isEmpty()) {
            bars.add(Bar.unmeasured(about, bar));
            return;
        }
        double bytes = ours.get().heapBytes() - parked.get().heapBytes();
        bars.add(new Bar(about, bar, Texts.count(bytes) + " bytes", Verdict.of(bytes <= MOST_BYTES), ""));
    }

    private Optional<WaiterMemory> memory(String contender) {
        return results.waiterMemory().stream()
                .filter(each -> each.contender().equals(contender))
                .findFirst();
    }

    private void addCurve() {
        String bar = "cost of a lease grows by ≤ 10 % with each ten times as many";
        List<Measured> curve = results.in(Scenario.WAITERS)
                .filter(each -> each.contender().equals(Contenders.OURS)
                        && !each.samples().isEmpty())
                .toList();
        if (curve.size() < 2) {
            bars.add(Bar.unmeasured("1 to 10,000 waiting threads", bar));
            return;
        }
        double growth = growth(curve);
        bars.add(new Bar(
                String.format(
                        Locale.ROOT,
                        "%,d to %,d waiting threads",
                        curve.get(0).series().waiting(),
                        curve.get(curve.size() - 1).series().waiting()),
                bar,
                String.format(
                        Locale.ROOT,
                        "%+.0f %%: %s µs",
                        100 * growth,
                        curve.stream()
                                .map(each -> Texts.digits(1e6 / each.leases().median()))
                                .collect(Collectors.joining(", "))),
                Verdict.of(growth <= 0.10),
                ""));
    }

    /** The slope of the straight line that is nearest to the curve, by the mean cost. */
    static double growth(List<Measured> curve) {
        double[] x = curve.stream()
                .mapToDouble(each -> Math.log10(each.series().waiting()))
                .toArray();
        double[] y =
                curve.stream().mapToDouble(each -> 1 / each.leases().median()).toArray();
        double meanX = DoubleStream.of(x).average().orElseThrow();
        double meanY = DoubleStream.of(y).average().orElseThrow();
        double above = 0;
        double below = 0;
        for (int i = 0; i < x.length; i++) {
            above += (x[i] - meanX) * (y[i] - meanY);
            below += (x[i] - meanX) * (x[i] - meanX);
        }
        return above / below / meanY;
    }

    private void addPerUse(Transport transport) {
        String about = transport.title() + ", 8 threads";
        String bar = "leases/s beside a connection per use: told";
        Optional<Measured> ours = results.find(Scenario.PER_USE, transport, 8, Contenders.OURS);
        Optional<Measured> other = results.find(Scenario.PER_USE, transport, 8, Contenders.PER_USE);
        if (ours.isEmpty() || other.isEmpty()) {
            bars.add(Bar.unmeasured(about, bar));
            return;
        }
        double ratio = ours.get().leases().median() / other.get().leases().median();
        double cpu = other.get().serverCpu().median() / ours.get().serverCpu().median();
        bars.add(new Bar(
                about,
                bar,
                Texts.digits(ratio) + " ×; the other takes " + Texts.digits(cpu)
                        + " × the server's CPU time a use; the server's memory is "
                        + Texts.megabytes(memory(ours.get())) + " MB, with the other "
                        + Texts.megabytes(memory(other.get())) + " MB",
                Verdict.NONE,
                ""));
    }

    private static double memory(Measured of) {
        return of.of(Sample::serverBytes).median();
    }
}
