package io.github.pgmanaged.benchmarks.page;

import io.github.pgmanaged.benchmarks.results.Entrant;
import io.github.pgmanaged.benchmarks.results.Machine;
import io.github.pgmanaged.benchmarks.results.Measured;
import io.github.pgmanaged.benchmarks.results.Results;
import io.github.pgmanaged.benchmarks.results.Sample;
import io.github.pgmanaged.benchmarks.results.Section;
import io.github.pgmanaged.benchmarks.results.Series;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.results.Series.Transport;
import io.github.pgmanaged.benchmarks.results.SmallCost;
import io.github.pgmanaged.benchmarks.results.WaiterMemory;
import java.util.ArrayList;
import java.util.List;

/** Small results with round figures, put together by a test. */
final class Recorded {
    private final List<Measured> measured = new ArrayList<>();
    private final List<SmallCost> costs = new ArrayList<>();
    private final List<WaiterMemory> memory = new ArrayList<>();
    private final List<Section> sections = new ArrayList<>();

    /** Rounds of a contender on platform threads: leases a second; p99 is the same in all. */
    Recorded rounds(Scenario scenario, int threads, String contender, double p99Millis, double... leases) {
        return rounds(scenario, threads, false, contender, p99Millis, leases);
    }

    Recorded rounds(
            Scenario scenario, int threads, boolean virtual, String contender, double p99Millis, double... leases) {
        Series series = new Series(scenario, Transport.SOCKET, threads, virtual, 3, 1_000, 100, List.of());
        List<Sample> samples = new ArrayList<>();
        for (double each : leases) {
            samples.add(new Sample(
                    samples.size(),
                    0,
                    (long) each,
                    each,
                    1_000_000,
                    (long) (p99Millis * 1e6),
                    20_000_000,
                    30_000_000,
                    9,
                    10,
                    (long) (each * 50_000),
                    (long) (each * 40_000),
                    (long) (each * 1_000),
                    -1,
                    virtual ? 0 : -1));
        }
        measured.add(new Measured(series, contender, samples, List.of()));
        return this;
    }

    Recorded failed(Scenario scenario, int threads, String contender, String message) {
        Series series = new Series(scenario, Transport.SOCKET, threads, false, 3, 1_000, 100, List.of());
        measured.add(new Measured(series, contender, List.of(), List.of(message)));
        return this;
    }

    Recorded cost(String benchmark, String contender, double bytes, Double... nanos) {
        costs.add(new SmallCost(benchmark, contender, 1, List.of(nanos), List.of(bytes)));
        return this;
    }

    Recorded waiter(String contender, double bytes) {
        memory.add(new WaiterMemory(contender, 10_000, bytes));
        return this;
    }

    Recorded section(String title, double load, double others, String failure) {
        sections.add(new Section(title, 60, 2, load, load, others, failure));
        return this;
    }

    Results results() {
        return new Results(
                "2026-11-27",
                3,
                "test",
                new Machine("a processor", 2, "8 GB", "a system", "a JDK", "-Xmx1g", "18.1", "0.10", "1.00"),
                List.of(new Entrant("pgmanaged", "1", "acquireTimeout=120s", 2)),
                measured,
                costs,
                memory,
                sections);
    }
}
