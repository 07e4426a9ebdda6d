package io.github.pgmanaged.cli.timeline;

import io.github.pgmanaged.cli.timeline.Mark.Kind;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Histories whose every moment is known. */
final class Histories {
    static final String HOSTILE = "</script><img src=x onerror=alert(1)>\"'&\u202e\u0000";
    static final Instant ORIGIN = Instant.parse("2026-11-26T12:00:00.123456700Z");
    private static final long MILLI = 1_000_000;

    private Histories() {}

    /** Three threads in a second, one of which is called what nobody should be called. */
    static History small() {
        return new History(
                "books",
                ORIGIN,
                1000 * MILLI,
                List.of("alpha", "beta", HOSTILE),
                List.of(
                        new Lease(0, 200 * MILLI, 0, Outcome.RELEASED, 0, 0),
                        new Lease(200 * MILLI, 400 * MILLI, 1, Outcome.ROLLED_BACK, 150 * MILLI, 0),
                        new Lease(500 * MILLI, 900 * MILLI, 2, Outcome.REVOKED, 200 * MILLI, 50 * MILLI)),
                List.of(
                        new Wait(50 * MILLI, 200 * MILLI, 1, false, true),
                        new Wait(250 * MILLI, 450 * MILLI, 2, false, true),
                        new Wait(600 * MILLI, 700 * MILLI, 0, true, false)),
                List.of(
                        new Mark(400 * MILLI, Kind.FORCED_ROLLBACK, 1, "the work threw"),
                        new Mark(499 * MILLI, Kind.SESSION_OPENED, Mark.NO_LANE, "in 49.0 ms"),
                        new Mark(700 * MILLI, Kind.GAVE_UP, 0, ""),
                        new Mark(900 * MILLI, Kind.REVOKED, 2, HOSTILE),
                        new Mark(950 * MILLI, Kind.COMMIT_UNKNOWN, 1, "")));
    }

    /** Lease i is thread i % threads's, begins at i * period, lasts for half of it, and was waited for. */
    static History regular(int threads, int leases, long period) {
        List<Lease> all = new ArrayList<>(leases);
        List<Wait> waits = new ArrayList<>(leases);
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < leases; i++) {
            long start = i * period;
            long waited = Math.min(start, (threads - 2) * period);
            Outcome outcome = i % 10 == 3 ? Outcome.ROLLED_BACK : Outcome.RELEASED;
            all.add(new Lease(start, start + period / 2, i % threads, outcome, waited, 0));
            waits.add(new Wait(start - waited, start, i % threads, false, true));
            if (outcome == Outcome.ROLLED_BACK) {
                marks.add(new Mark(start + period / 2, Kind.FORCED_ROLLBACK, i % threads, "the work threw"));
            }
        }
        List<String> lanes =
                IntStream.range(0, threads).mapToObj(i -> "worker-" + i).toList();
        return new History("regular", ORIGIN, leases * period, lanes, all, waits, marks);
    }

    /** Writes a page. */
    static Path page(Path directory, TimelinePage page, History... histories) throws IOException {
        Path file = directory.resolve("timeline.html");
        try (Writer out = Files.newBufferedWriter(file)) {
            page.write(out, "recording " + HOSTILE + ".jfr", List.of(histories));
        }
        return file;
    }
}
