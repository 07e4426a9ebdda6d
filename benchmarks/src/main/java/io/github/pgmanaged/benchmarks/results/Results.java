package io.github.pgmanaged.benchmarks.results;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.results.Series.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that one run measured.
 *
 * @param day when, as yyyy-MM-dd
 * @param minutes how long it took
 * @param plan the plan's name: whole, quick
 * @param machine where
 * @param entrants who
 * @param measured the rounds on the server
 * @param smallCosts what JMH measured
 * @param waiterMemory what waiters take
 * @param sections the parts of the run in their order, and what the machine did meanwhile
 */
public record Results(
        String day,
        long minutes,
        String plan,
        Machine machine,
        List<Entrant> entrants,
        List<Measured> measured,
        List<SmallCost> smallCosts,
        List<WaiterMemory> waiterMemory,
        List<Section> sections) {
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

    /**
     * Reads what a run wrote.
     *
     * @param file the file
     * @return the results
     */
    public static Results read(Path file) throws IOException {
        return GSON.fromJson(Files.readString(file), Results.class);
    }

    /**
     * As it is kept in a file.
     *
     * @return JSON
     */
    public String toJson() {
        return GSON.toJson(this) + "\n";
    }

    /**
     * The rounds as a table for other programs.
     *
     * @return a line each round, and a head
     */
    public String toCsv() {
        StringBuilder csv = new StringBuilder("scenario,transport,threads,virtual,contender,round,place,leases,"
                + "leases_per_second,p50_ns,p99_ns,p999_ns,max_ns,fewest,most,client_cpu_ns,server_cpu_ns,"
                + "allocated_bytes,server_bytes,pinned\n");
        for (Measured each : measured) {
            Series series = each.series();
            for (Sample sample : each.samples()) {
                Stream<Object> cells = Stream.of(
                        series.scenario(),
                        series.transport(),
                        series.threads(),
                        series.virtual(),
                        each.contender(),
                        sample.round(),
                        sample.place(),
                        sample.leases(),
                        sample.leasesPerSecond(),
                        sample.p50(),
                        sample.p99(),
                        sample.p999(),
                        sample.max(),
                        sample.fewest(),
                        sample.most(),
                        sample.clientCpuNanos(),
                        sample.serverCpuNanos(),
                        sample.allocatedBytes(),
                        sample.serverBytes(),
                        sample.pinned());
                csv.append(String.join(",", cells.map(String::valueOf).toList()))
                        .append('\n');
            }
        }
        return csv.toString();
    }

    /**
     * A contender in the series of a scenario with so many platform threads.
     *
     * @return empty if it was not measured
     */
    public Optional<Measured> find(Scenario scenario, Transport transport, int threads, String contender) {
        return find(scenario, transport, threads, false, contender);
    }

    /**
     * A contender in a series.
     *
     * @return empty if it was not measured
     */
    public Optional<Measured> find(
            Scenario scenario, Transport transport, int threads, boolean virtual, String contender) {
        return in(scenario)
                .filter(each -> each.series().transport() == transport
                        && each.series().threads() == threads
                        && each.series().virtual() == virtual
                        && each.contender().equals(contender)
                        && !each.samples().isEmpty())
                .findFirst();
    }

    /**
     * All of a scenario.
     *
     * @return in the order in which the plan has them
     */
    public Stream<Measured> in(Scenario scenario) {
        return measured.stream().filter(each -> each.series().scenario() == scenario);
    }

    /**
     * During which parts something else was running.
     *
     * @return their titles; none if nothing is known
     */
    public List<String> disturbed() {
        List<String> titles = new ArrayList<>();
        double before = 0;
        for (Section each : sections) {
            if (each.isDisturbed(machine.cores(), before)) {
                titles.add(each.title());
            }
            before = each.expectedLoad();
        }
        return titles;
    }

    /**
     * What JMH measured.
     *
     * @return empty if it was not measured
     */
    public Optional<SmallCost> cost(String benchmark, String contender, int threads) {
        return smallCosts.stream()
                .filter(each -> each.benchmark().equals(benchmark)
                        && each.contender().equals(contender)
                        && each.threads() == threads)
                .findFirst();
    }
}
