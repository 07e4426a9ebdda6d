package io.github.pgmanaged.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import io.github.pgmanaged.Stats;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The summary of a run.
 *
 * @param server its version and where it is
 * @param durability its settings that make commits cheap or dear
 * @param sessionsOpened by the manager, from the beginning to the end
 * @param backends different ones that the server had for the manager
 * @param backendsAtOnce at most
 * @param comparison null if none was wanted
 */
record Report(
        Demo.Settings settings,
        String server,
        String durability,
        Demo.CrowdedRun run,
        long sessionsOpened,
        int backends,
        int backendsAtOnce,
        int backendsKilled,
        Ledger ledger,
        Conduct conduct,
        @Nullable Comparison comparison,
        Proof proof) {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final int SURPRISES_SHOWN = 5;

    void print(PrintWriter out) {
        printRun(out);
        printMisbehaviour(out);
        printComparison(out);
        printProof(out);
        out.flush();
    }

    /** The same for programs, times in milliseconds. */
    Map<String, Object> facts() {
        Stats stats = run.stats();
        double seconds = run.elapsed().toNanos() / 1e9;
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("holds", proof.holds());
        facts.put("server", server);
        facts.put("commits", durability);
        facts.put("threads", settings.threads());
        facts.put("bad_citizens", settings.badCitizens());
        facts.put("seconds", rounded(seconds));
        facts.put("seed", settings.seed());
        facts.put("backends_at_once", backendsAtOnce);
        facts.put("backends", backends);
        facts.put("backends_killed", backendsKilled);
        facts.put("sessions_opened", sessionsOpened);
        facts.put("leases", stats.leases());
        facts.put("leases_per_second", rounded(stats.leases() / seconds));
        facts.put("wait_p50_ms", rounded(run.waits().getValueAtPercentile(50) / NANOS_PER_MILLI));
        facts.put("wait_p99_ms", rounded(run.waits().getValueAtPercentile(99) / NANOS_PER_MILLI));
        facts.put("wait_max_ms", rounded(run.waits().getMaxValue() / NANOS_PER_MILLI));
        facts.put("forced_rollbacks", stats.rollbacks());
        facts.put("open_transactions", stats.openTransactions());
        for (Ledger.Outcome outcome : Ledger.Outcome.values()) {
            facts.put("transfers_" + outcome.name().toLowerCase(Locale.ROOT), ledger.count(outcome));
        }
        List<Map<String, Object>> deeds = new ArrayList<>();
        for (Misbehaviour kind : Misbehaviour.values()) {
            deeds.add(Map.of(
                    "deed", kind.deed(), "told", conduct.timesTold(kind), "not_told", conduct.timesNotTold(kind)));
        }
        facts.put("misbehaviour", deeds);
        facts.put("lost_sessions_told", conduct.lostSessions());
        facts.put(
                "surprises", conduct.surprises().stream().limit(SURPRISES_SHOWN).toList());
        facts.put(
                "proof",
                proof.checks().stream()
                        .map(check ->
                                Map.of("claim", check.claim(), "holds", check.holds(), "evidence", check.evidence()))
                        .toList());
        return facts;
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }

    private void printRun(PrintWriter out) {
        Stats stats = run.stats();
        double seconds = run.elapsed().toNanos() / 1e9;
        out.println();
        out.println(settings.threads() + " threads shared one connection for " + oneDigit(seconds) + " s (seed "
                + settings.seed() + ")");
        out.println();
        fact(out, "server", server);
        fact(out, "commits", durability);
        fact(
                out,
                "backends",
                number(backendsAtOnce) + " at a time, " + number(backends) + " in all; " + number(backendsKilled)
                        + " was killed on purpose");
        fact(out, "sessions opened", number(sessionsOpened));
        fact(
                out,
                "leases",
                number(stats.leases()) + ", " + number(Math.round(stats.leases() / seconds)) + " per second");
        fact(
                out,
                "wait for a lease",
                percentiles(run.waits()) + ", max " + millis(run.waits().getMaxValue()));
        fact(
                out,
                "forced rollbacks",
                number(stats.rollbacks()) + ", of which " + number(stats.openTransactions())
                        + " told by OpenTransactionException");
        fact(
                out,
                "transfers",
                number(ledger.count(Ledger.Outcome.ACKNOWLEDGED)) + " acknowledged, "
                        + number(ledger.count(Ledger.Outcome.ABANDONED)) + " abandoned, "
                        + number(ledger.count(Ledger.Outcome.UNKNOWN)) + " with unknown outcome"
                        + (comparison == null ? "" : " (the comparison's included)"));
    }

    private void printMisbehaviour(PrintWriter out) {
        List<String[]> rows = new ArrayList<>();
        for (Misbehaviour kind : Misbehaviour.values()) {
            rows.add(new String[] {
                kind.deed(), kind.answer(), number(conduct.timesTold(kind)), number(conduct.timesNotTold(kind))
            });
        }
        rows.add(new String[] {"(the backend is killed)", "SQLState 57P01 or 08...", number(conduct.lostSessions()), "-"
        });
        heading(out, "Misbehaviour, and what came of it");
        out.println(table(new Column[] {left("somebody"), left("is told by"), right("told"), right("not told")}, rows));
        conduct.surprises().stream()
                .limit(SURPRISES_SHOWN)
                .forEach(surprise -> out.println("not provoked: " + surprise));
    }

    private void printComparison(PrintWriter out) {
        if (comparison == null) {
            return;
        }
        heading(
                out,
                "What the same work costs, good turns only, measured in rounds of " + Comparison.ROUND.toMillis()
                        + " ms by turns");
        out.println(table(
                new Column[] {
                    left("way"),
                    right("at a time"),
                    right("opened"),
                    right("transfers/s"),
                    right("turn p50"),
                    right("turn p99"),
                    right("failed")
                },
                List.of(
                        row("one shared connection", 1, 0, comparison.shared()),
                        row(
                                "a connection per use",
                                comparison.connections(),
                                comparison.opened(),
                                comparison.perUse()))));
        out.println("A turn is a transfer, from the wish to the end of COMMIT, waiting included. The figures are this"
                + " server's and this network's.");
    }

    private static String[] row(String way, int atATime, long opened, Measure measure) {
        return new String[] {
            way,
            number(atATime),
            number(opened),
            number(Math.round(measure.transfersPerSecond())),
            millis(measure.turns().getValueAtPercentile(50)),
            millis(measure.turns().getValueAtPercentile(99)),
            number(measure.failures())
        };
    }

    private void printProof(PrintWriter out) {
        List<String[]> rows = new ArrayList<>();
        for (Proof.Check check : proof.checks()) {
            rows.add(new String[] {check.holds() ? "PASS" : "FAIL", check.claim(), check.evidence()});
        }
        heading(out, "Proof");
        out.println(table(new Column[] {left("result"), left("claim"), left("evidence")}, rows));
        long failed = proof.checks().stream().filter(check -> !check.holds()).count();
        out.println(
                failed == 0
                        ? "The proof holds."
                        : "The proof fails: " + failed + " of " + proof.checks().size() + " checks.");
    }

    private static void heading(PrintWriter out, String text) {
        out.println();
        out.println(text);
        out.println();
    }

    private static void fact(PrintWriter out, String name, String value) {
        out.println(String.format(Locale.ROOT, "  %-18s %s", name, value));
    }

    private static String table(Column[] columns, List<String[]> rows) {
        return AsciiTable.builder()
                .border(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS)
                .data(columns, rows.toArray(new String[0][]))
                .asString();
    }

    private static Column left(String header) {
        return new Column().header(header).headerAlign(HorizontalAlign.LEFT).dataAlign(HorizontalAlign.LEFT);
    }

    private static Column right(String header) {
        return new Column().header(header).headerAlign(HorizontalAlign.RIGHT).dataAlign(HorizontalAlign.RIGHT);
    }

    private static String percentiles(Histogram histogram) {
        return "p50 " + millis(histogram.getValueAtPercentile(50)) + ", p99 "
                + millis(histogram.getValueAtPercentile(99));
    }

    private static String millis(long nanos) {
        return oneDigit(nanos / NANOS_PER_MILLI) + " ms";
    }

    private static String oneDigit(double value) {
        return String.format(Locale.ROOT, "%,.1f", value);
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
