package io.github.pgmanaged.benchmarks.page;

import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.results.Entrant;
import io.github.pgmanaged.benchmarks.results.Machine;
import io.github.pgmanaged.benchmarks.results.Measured;
import io.github.pgmanaged.benchmarks.results.Results;
import io.github.pgmanaged.benchmarks.results.Sample;
import io.github.pgmanaged.benchmarks.results.Section;
import io.github.pgmanaged.benchmarks.results.Series;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.results.SmallCost;
import io.github.pgmanaged.benchmarks.results.WaiterMemory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The page in Markdown: every figure on it is one of the results. What is written by hand is in its resources. */
final class Page {
    private static final Map<Scenario, String> HEADINGS = headings();

    private final Results results;
    private final Set<String> plots;
    private final StringBuilder text = new StringBuilder();

    private Page(Results results, Set<String> plots) {
        this.results = results;
        this.plots = plots;
    }

    /** The page, which shows the plots that there are. */
    static String of(Results results, Set<String> plots) {
        return new Page(results, plots).write();
    }

    private String write() {
        line("# Benchmarks", "");
        line(resource("preface.md"), "");
        addMachine(results.machine());
        addBars();
        addEntrants();
        for (Scenario scenario : Scenario.values()) {
            addScenario(scenario);
        }
        addMemory();
        addCosts();
        addSections();
        return text.toString().stripTrailing() + "\n";
    }

    private void line(String... lines) {
        for (String each : lines) {
            text.append(each).append('\n');
        }
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(Page.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void addMachine(Machine machine) {
        line("## The run", "");
        Table table = new Table(2, "", "");
        table.add("day", results.day() + ", " + results.minutes() + " minutes, plan `" + results.plan() + "`");
        table.add("processor", machine.cpu() + ", " + machine.cores() + " cores, " + machine.memory());
        table.add("system", machine.system());
        table.add("JDK", machine.jdk());
        table.add("its arguments", "`" + machine.arguments() + "`");
        table.add("server", "PostgreSQL " + machine.server() + ", on the same machine");
        table.add("load before, after", machine.loadBefore() + "; " + machine.loadAfter());
        text.append(table);
        addDisturbance();
    }

    /** Told before the figures, since it is about all of them. */
    private void addDisturbance() {
        int all = results.sections().size();
        int disturbed = results.disturbed().size();
        if (disturbed > 0) {
            line(
                    "**Something else was running** on the machine during " + disturbed + " of the " + all
                            + " parts of the run; they are marked. [The last section](#what-else-the-machine-did) has"
                            + " the loads.",
                    "");
        } else if (all > 0) {
            line("Nothing else was running on the machine that would show in its load.", "");
        }
        for (Section each : results.sections()) {
            if (!each.failure().isEmpty()) {
                line("**Failed**: " + each.title() + ": " + each.failure().replace('\n', ' '), "");
            }
        }
    }

    private void addSections() {
        if (results.sections().isEmpty()) {
            return;
        }
        line("## What else the machine did", "");
        Table table =
                new Table(1, "part", "seconds", "load before", "load after", "processors taken by others", "disturbed");
        List<String> disturbed = results.disturbed();
        for (Section each : results.sections()) {
            table.add(
                    each.title(),
                    Texts.count(each.seconds()),
                    Texts.orUnknown(each.loadBefore()),
                    Texts.orUnknown(each.loadAfter()),
                    Texts.orUnknown(each.others()),
                    disturbed.contains(each.title()) ? "yes" : "");
        }
        text.append(table);
    }

    private void addMark(String section) {
        if (results.disturbed().contains(section)) {
            line("**Something else was running meanwhile.**", "");
        }
    }

    private void addBars() {
        List<Bar> bars = Bars.of(results);
        long reached = count(bars, Bar.Verdict.YES);
        long missed = count(bars, Bar.Verdict.NO);
        line("## What was to be reached", "", reached + " bars were reached and " + missed + " were not.", "");
        Table table = new Table(4, "case", "bar", "reached", "yes/no");
        for (Bar each : bars) {
            table.add(each.about(), each.bar(), each.reached(), each.verdict().word());
        }
        text.append(table);
        List<Bar> explained =
                bars.stream().filter(each -> !each.why().isEmpty()).toList();
        if (!explained.isEmpty()) {
            line("Where a bar was not reached, the figures behind it:", "");
            for (Bar each : explained) {
                line("- " + each.about() + ", " + each.bar() + ": " + each.why());
            }
            line("", resource("others.md"), "");
        }
    }

    private static long count(List<Bar> bars, Bar.Verdict verdict) {
        return bars.stream().filter(each -> each.verdict() == verdict).count();
    }

    private void addEntrants() {
        line("## Who took part", "");
        Table table = new Table(3, "name", "version", "options", "answers a lease");
        for (Entrant each : results.entrants()) {
            table.add(each.name(), each.version(), each.configuration(), Texts.digits(each.roundTrips()));
        }
        text.append(table);
    }

    private void addScenario(Scenario scenario) {
        Map<Series, List<Measured>> series = results.in(scenario)
                .collect(Collectors.groupingBy(Measured::series, LinkedHashMap::new, Collectors.toList()));
        if (series.isEmpty()) {
            return;
        }
        line("## " + Objects.requireNonNull(HEADINGS.get(scenario)), "");
        if (scenario == Scenario.PLAIN) {
            addPlots("leases-", "percentiles-", "fairness-");
        } else if (scenario == Scenario.WAITERS) {
            addPlots("waiters");
        }
        series.forEach(this::addSeries);
    }

    private void addSeries(Series series, List<Measured> measured) {
        line(
                "### " + series.transport().title() + ", " + threads(series),
                "",
                series.rounds() + (series.rounds() == 1 ? " round of " : " rounds of ") + series.windowMillis()
                        + " ms.",
                "");
        addMark(series.title());
        double ours = measured.stream()
                .filter(each -> each.contender().equals(Contenders.OURS))
                .mapToDouble(each -> each.leases().median())
                .findFirst()
                .orElse(Double.NaN);
        boolean hasMemory = series.scenario() == Scenario.PER_USE;
        Table table = new Table(
                1,
                "",
                "leases/s",
                "min to max",
                "÷ pgmanaged",
                "p50 ms",
                "p99 ms",
                "p99.9 ms",
                "longest ms",
                "slowest/fastest thread",
                "CPU µs a lease",
                "server's CPU µs",
                hasMemory ? "server's MB" : "bytes a lease");
        for (Measured each : measured) {
            table.add(
                    each.contender(),
                    Texts.count(each.leases().median()),
                    Texts.count(each.leases().min()) + " to "
                            + Texts.count(each.leases().max()),
                    Texts.ratio(each.leases().median() / ours),
                    Texts.millis(each.of(Sample::p50).median()),
                    Texts.millis(each.p99().median()),
                    Texts.millis(each.of(Sample::p999).median()),
                    Texts.millis(each.of(Sample::max).max()),
                    Texts.ratio(each.fairness().median()),
                    Texts.micros(each.clientCpu().median()),
                    Texts.micros(each.serverCpu().median()),
                    hasMemory
                            ? Texts.megabytes(each.of(Sample::serverBytes).median())
                            : Texts.count(each.bytes().median()));
        }
        text.append(table);
        for (Measured each : measured) {
            if (!each.failures().isEmpty()) {
                line(each.contender() + " failed in " + each.failures().size() + " rounds: "
                        + each.failures().get(0).replace('\n', ' '));
                line("");
            }
        }
    }

    private static String threads(Series series) {
        if (series.scenario() == Scenario.WAITERS) {
            return Texts.count(series.waiting()) + " waiting"
                    + (series.virtual() ? " virtual thread" : " thread")
                    + (series.waiting() == 1 ? "" : "s");
        }
        String count = Texts.count(series.threads());
        String kind = series.virtual()
                ? " virtual thread"
                : series.scenario() == Scenario.VIRTUAL ? " platform thread" : " thread";
        return count + kind + (series.threads() == 1 ? "" : "s");
    }

    private void addPlots(String... beginnings) {
        for (String beginning : beginnings) {
            for (String plot : plots) {
                if (plot.startsWith(beginning)) {
                    line("![" + plot.replace(".svg", "").replace('-', ' ') + "](benchmarks/" + plot + ")", "");
                }
            }
        }
    }

    private void addMemory() {
        if (results.waiterMemory().isEmpty()) {
            return;
        }
        line("## The heap that a waiting virtual thread takes", "");
        Table table = new Table(1, "", "threads", "bytes each");
        for (WaiterMemory each : results.waiterMemory()) {
            table.add(
                    each.contender().isEmpty() ? "only parked" : each.contender(),
                    Texts.count(each.waiters()),
                    Texts.count(each.heapBytes()));
        }
        text.append(table);
    }

    private void addCosts() {
        if (results.smallCosts().isEmpty()) {
            return;
        }
        line("## Small costs", "");
        addPlots("overhead");
        Map<String, List<SmallCost>> tables = results.smallCosts().stream()
                .collect(Collectors.groupingBy(
                        each -> each.benchmark() + ", " + each.threads()
                                + (each.threads() == 1 ? " thread" : " threads"),
                        LinkedHashMap::new,
                        Collectors.toList()));
        tables.forEach((title, costs) -> {
            line("### " + title, "");
            addMark(title.replaceFirst("\\.\\w+", ""));
            double ours = median(costs, Contenders.OURS);
            double raw = median(costs, Contenders.RAW);
            String unit = Texts.unit(costs.get(0).time().median());
            Table table = new Table(1, "", unit, "min to max", "÷ pgmanaged", "÷ raw connection", "bytes");
            for (SmallCost each : costs) {
                table.add(
                        each.contender(),
                        Texts.in(unit, each.time().median()),
                        Texts.in(unit, each.time().min()) + " to "
                                + Texts.in(unit, each.time().max()),
                        Texts.ratio(each.time().median() / ours),
                        Texts.ratio(each.time().median() / raw),
                        Texts.count(each.allocated().median()));
            }
            text.append(table);
        });
    }

    private static double median(List<SmallCost> costs, String contender) {
        return costs.stream()
                .filter(each -> each.contender().equals(contender))
                .mapToDouble(each -> each.time().median())
                .findFirst()
                .orElse(Double.NaN);
    }

    private static Map<Scenario, String> headings() {
        return Map.of(
                Scenario.PLAIN, "`select 1` and commit",
                Scenario.OWN_WORK, "5 ms of own work between leases, one lease in a hundred takes 50 ms",
                Scenario.WAITERS, "From one waiting thread to ten thousand",
                Scenario.VIRTUAL, "Virtual threads",
                Scenario.PER_USE, "A connection for each use");
    }
}
