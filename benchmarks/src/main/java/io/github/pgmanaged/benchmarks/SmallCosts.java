package io.github.pgmanaged.benchmarks;

import io.github.pgmanaged.benchmarks.contenders.BenchServer;
import io.github.pgmanaged.benchmarks.results.SmallCost;
import io.github.pgmanaged.benchmarks.rounds.Orders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs benchmarks of JMH, each contender in a JVM of its own, one fork after the other in an order that rotates. */
final class SmallCosts {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private final BenchServer server;
    private final List<String> jvm;
    private final Consumer<String> reader;

    SmallCosts(BenchServer server, List<String> jvm, Consumer<String> reader) {
        this.server = server;
        this.jvm = jvm;
        this.reader = reader;
    }

    /**
     * What is to be measured.
     *
     * @param benchmark a regular expression for class and method
     * @param threads how many at once
     * @param forks of each contender
     * @param millis an iteration's time
     * @param contenders by name
     */
    record Task(String benchmark, int threads, int forks, int millis, List<String> contenders) {
        String title() {
            return benchmark + ", " + threads + (threads == 1 ? " thread" : " threads");
        }
    }

    /**
     * Measures it. A fork that fails leaves the others' figures.
     *
     * @param taker is given what was measured
     * @throws RunnerException the first fork's that failed, at the end
     */
    void measure(Task task, Consumer<SmallCost> taker) throws RunnerException {
        Map<String, SmallCost> costs = new LinkedHashMap<>();
        RunnerException failure = null;
        for (int fork = 0; fork < task.forks(); fork++) {
            for (String contender : Orders.of(task.contenders(), fork)) {
                try {
                    for (RunResult result : new Runner(options(task, contender)).run()) {
                        note(costs, task, contender, result);
                    }
                } catch (RunnerException e) {
                    failure = failure == null ? e : failure;
                }
            }
        }
        List<SmallCost> sorted = new ArrayList<>();
        for (String contender : task.contenders()) {
            costs.values().stream()
                    .filter(each -> each.contender().equals(contender))
                    .forEach(sorted::add);
        }
        for (SmallCost each : sorted) {
            reader.accept(String.format(
                    "%s, %d threads: %s %,.1f ns, %,.0f bytes",
                    each.benchmark(),
                    each.threads(),
                    each.contender(),
                    each.time().median(),
                    each.allocated().median()));
        }
        sorted.forEach(taker);
        if (failure != null) {
            throw failure;
        }
    }

    private Options options(Task task, String contender) {
        List<String> arguments = new ArrayList<>(jvm);
        arguments.addAll(List.of(server.arguments()));
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(task.benchmark())
                .param("contender", contender)
                .threads(task.threads())
                .forks(1)
                .jvmArgs(arguments.toArray(String[]::new))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        if (task.millis() > 0) {
            options.warmupIterations(2)
                    .warmupTime(TimeValue.milliseconds(task.millis()))
                    .measurementIterations(3)
                    .measurementTime(TimeValue.milliseconds(task.millis()));
        }
        return options.build();
    }

    private static void note(Map<String, SmallCost> costs, Task task, String contender, RunResult result) {
        String name = result.getParams().getBenchmark();
        String benchmark = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
        SmallCost cost = costs.computeIfAbsent(
                benchmark + contender,
                key -> new SmallCost(benchmark, contender, task.threads(), new ArrayList<>(), new ArrayList<>()));
        double score = result.getPrimaryResult().getScore();
        // Operations by a nanosecond, of all threads together: how long the connection is taken by each.
        cost.nanos().add(result.getParams().getMode() == Mode.Throughput ? 1 / score : score);
        Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
        if (allocated != null) {
            cost.bytes().add(allocated.getScore());
        }
    }
}
