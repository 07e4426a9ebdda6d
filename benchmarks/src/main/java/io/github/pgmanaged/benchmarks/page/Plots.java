package io.github.pgmanaged.benchmarks.page;

import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.results.Measured;
import io.github.pgmanaged.benchmarks.results.Results;
import io.github.pgmanaged.benchmarks.results.Sample;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.results.Series.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;

/** The plots, each an SVG; those for which nothing was measured are left out. */
final class Plots {
    /** What is compared with the driver's own, and how it is called below the plot. */
    private static final Map<String, String> OVERHEAD = overhead();

    private final Results results;
    private final Map<String, String> files = new LinkedHashMap<>();

    private Plots(Results results) {
        this.results = results;
    }

    /** Name of the file and its contents. */
    static Map<String, String> of(Results results) {
        Plots all = new Plots(results);
        for (Transport transport : Transport.values()) {
            String suffix = transport.name().toLowerCase(Locale.ROOT) + ".svg";
            all.addCurves(
                    "leases-" + suffix,
                    "Leases of one connection, " + transport.title(),
                    "leases/s",
                    Scenario.PLAIN,
                    transport,
                    each -> each.leases().median(),
                    Double.NaN);
            all.addPercentiles("percentiles-" + suffix, transport);
            all.addCurves(
                    "fairness-" + suffix,
                    "How evenly threads are served, " + transport.title(),
                    "slowest thread's leases / fastest thread's",
                    Scenario.PLAIN,
                    transport,
                    each -> each.fairness().median(),
                    1);
        }
        all.addCurves(
                "waiters.svg",
                "What a lease costs, by the number of waiting threads, Unix socket",
                "µs a lease",
                Scenario.WAITERS,
                Transport.SOCKET,
                each -> 1e6 / each.leases().median(),
                Double.NaN);
        all.addOverhead();
        return all.files;
    }

    private void addCurves(
            String file,
            String title,
            String unit,
            Scenario scenario,
            Transport transport,
            ToDoubleFunction<Measured> figure,
            double top) {
        Map<String, List<Measured>> curves = new LinkedHashMap<>();
        results.in(scenario)
                .filter(each -> each.series().transport() == transport
                        && !each.samples().isEmpty())
                .forEach(each -> curves.computeIfAbsent(each.contender(), name -> new ArrayList<>())
                        .add(each));
        if (curves.isEmpty()) {
            return;
        }
        XYChart chart = new XYChartBuilder()
                .width(Look.WIDTH)
                .height(Look.HEIGHT)
                .title(title)
                .xAxisTitle(scenario == Scenario.WAITERS ? "waiting threads" : "threads")
                .yAxisTitle(unit)
                .build();
        Look.apply(chart.getStyler());
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisMin(0.0);
        if (!Double.isNaN(top)) {
            chart.getStyler().setYAxisMax(top);
        }
        chart.getStyler().setYAxisDecimalPattern(top == 1 ? "0.0" : "#,##0");
        chart.getStyler().setXAxisDecimalPattern("#,##0");
        chart.getStyler().setLocale(Locale.ROOT);
        curves.forEach((name, points) -> {
            XYSeries line = chart.addSeries(
                    name,
                    points.stream()
                            .map(Measured::series)
                            .mapToDouble(each -> scenario == Scenario.WAITERS ? each.waiting() : each.threads())
                            .toArray(),
                    points.stream().mapToDouble(figure).toArray());
            line.setLineColor(Look.colour(name));
            line.setLineStyle(Look.stroke(name));
            line.setMarker(Look.marker(name));
            line.setMarkerColor(Look.colour(name));
        });
        files.put(file, Look.svg(chart));
    }

    private void addPercentiles(String file, Transport transport) {
        int threads = 64;
        Map<String, Function<Measured, Double>> percentiles = new LinkedHashMap<>();
        percentiles.put("50 %", each -> each.of(Sample::p50).median() / 1e6);
        percentiles.put("99 %", each -> each.p99().median() / 1e6);
        percentiles.put("99.9 %", each -> each.of(Sample::p999).median() / 1e6);
        percentiles.put("longest", each -> each.of(Sample::max).max() / 1e6);
        CategoryChart chart = categories(
                "Waiting and use, " + threads + " threads, " + transport.title(), "of all leases", "ms, at most");
        chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setOverlapped(true);
        for (String name : names()) {
            Optional<Measured> found = results.find(Scenario.PLAIN, transport, threads, name);
            found.ifPresent(each -> paint(
                    chart.addSeries(
                            name,
                            List.copyOf(percentiles.keySet()),
                            percentiles.values().stream()
                                    .map(figure -> figure.apply(each))
                                    .toList()),
                    name));
        }
        if (!chart.getSeriesMap().isEmpty()) {
            files.put(file, Look.svg(chart));
        }
    }

    private void addOverhead() {
        CategoryChart chart =
                categories("What a handle adds: times beside the driver's own", "", "time / the driver's time");
        chart.getStyler().setYAxisDecimalPattern("0.0");
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setAvailableSpaceFill(0.8);
        for (String name : names()) {
            List<String> labels = new ArrayList<>();
            List<Double> ratios = new ArrayList<>();
            OVERHEAD.forEach((benchmark, label) -> {
                var own = results.cost(benchmark, name, 1);
                var raw = results.cost(benchmark, Contenders.RAW, 1);
                if (own.isPresent() && raw.isPresent()) {
                    labels.add(label);
                    ratios.add(own.get().time().median() / raw.get().time().median());
                }
            });
            if (!labels.isEmpty()) {
                paint(chart.addSeries(name, labels, ratios), name);
            }
        }
        if (!chart.getSeriesMap().isEmpty()) {
            files.put("overhead.svg", Look.svg(chart));
        }
    }

    private static CategoryChart categories(String title, String x, String y) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(Look.WIDTH)
                .height(Look.HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        Look.apply(chart.getStyler());
        chart.getStyler().setLocale(Locale.ROOT);
        return chart;
    }

    private static void paint(CategorySeries series, String contender) {
        series.setFillColor(Look.colour(contender));
        series.setLineColor(Look.colour(contender));
        series.setLineStyle(Look.stroke(contender));
        series.setMarker(Look.marker(contender));
        series.setMarkerColor(Look.colour(contender));
    }

    private static List<String> names() {
        return Contenders.all().stream().map(each -> each.name()).toList();
    }

    private static Map<String, String> overhead() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("HandleBenchmark.getInt", "getInt");
        all.put("HandleBenchmark.getLong", "getLong");
        all.put("HandleBenchmark.getString", "getString");
        all.put("HandleBenchmark.readerRead", "Reader.read");
        all.put("HandleBenchmark.statement", "statement");
        all.put("RowsBenchmark.rows", "rows");
        return all;
    }
}
