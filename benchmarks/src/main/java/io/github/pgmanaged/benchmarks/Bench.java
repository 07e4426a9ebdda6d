package io.github.pgmanaged.benchmarks;

import io.github.pgmanaged.benchmarks.SmallCosts.Task;
import io.github.pgmanaged.benchmarks.contenders.BenchServer;
import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.page.Pages;
import io.github.pgmanaged.benchmarks.results.Entrant;
import io.github.pgmanaged.benchmarks.results.Measured;
import io.github.pgmanaged.benchmarks.results.Results;
import io.github.pgmanaged.benchmarks.results.Series;
import io.github.pgmanaged.benchmarks.results.SmallCost;
import io.github.pgmanaged.benchmarks.results.WaiterMemory;
import io.github.pgmanaged.benchmarks.rounds.Rounds;
import io.github.pgmanaged.benchmarks.rounds.Sections;
import io.github.pgmanaged.benchmarks.rounds.WaitersInMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Measures, keeps the raw results, and writes the page. Arguments: {@code whole}, {@code quick} or {@code --render},
 * which measures nothing and makes the page of results that were kept; where the page goes; where the results are kept.
 */
public final class Bench {
    private static final String RENDER = "--render";

    private Bench() {}

    /**
     * Runs it.
     *
     * @param arguments what to do, and the two directories
     */
    public static void main(String[] arguments) throws Exception {
        Locale.setDefault(Locale.ROOT); // the page is the same everywhere
        System.setProperty("jmh.ignoreLock", "true"); // who else is running is noted, and no reason to give up
        Path page = Path.of(arguments[1]);
        Path kept = Path.of(arguments[2]);
        boolean virtual = WaitersInMemory.canBeMeasured();
        Results results = switch (arguments[0]) {
            case "whole" -> keep(measure(Plan.whole(virtual)), kept);
            case "quick" -> keep(measure(Plan.quick(virtual)), kept);
            case RENDER -> Results.read(kept.resolve("results.json"));
            default -> throw new IllegalArgumentException("whole, quick or " + RENDER);
        };
        System.out.println("The page is " + Pages.write(results, page));
        System.exit(0); // some pools leave threads behind
    }

    private static Results keep(Results results, Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("results.json"), results.toJson());
        Files.writeString(directory.resolve("results.csv"), results.toCsv());
        return results;
    }

    private static Results measure(Plan plan) throws Exception {
        long begun = System.nanoTime();
        String loadBefore = Machines.load();
        List<Measured> measured = new ArrayList<>();
        List<SmallCost> costs = new ArrayList<>();
        List<WaiterMemory> memory = new ArrayList<>();
        try (BenchServer server = BenchServer.find()) {
            Rounds rounds = new Rounds(server, System.out::println);
            List<Entrant> entrants = rounds.warmUp(plan.contenders());
            Sections sections = new Sections(server);
            for (Series series : plan.series()) {
                sections.run(series.title(), series.expectedLoad(), () -> measured.addAll(rounds.play(series)));
            }
            if (plan.waiters() > 0) {
                List<String> names = List.of(Contenders.OURS, Contenders.FAIR_LOCK);
                sections.run(
                        "memory of waiters",
                        2,
                        () -> memory.addAll(WaitersInMemory.measure(names, plan.waiters(), server.socket())));
            }
            SmallCosts small = new SmallCosts(server, Machines.arguments(), System.out::println);
            for (Task task : plan.tasks()) {
                sections.run(task.title(), task.threads() + 1, () -> small.measure(task, costs::add));
            }
            return new Results(
                    LocalDate.now(Clock.systemUTC()).toString(),
                    TimeUnit.NANOSECONDS.toMinutes(System.nanoTime() - begun) + 1,
                    plan.name(),
                    Machines.describe(server.ask("SHOW server_version"), loadBefore, Machines.load()),
                    entrants,
                    measured,
                    costs,
                    memory,
                    sections.list());
        }
    }
}
