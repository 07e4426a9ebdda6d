package io.github.pgmanaged.faults.pair;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The times of the failovers of this run, in target/failover.md. */
final class FailoverPage {
    private static final Path PAGE = Path.of("target", "failover.md");
    private static final List<String> LINES = new ArrayList<>(List.of(
            "# Failover of a streaming pair",
            "",
            "Six threads write through one manager with `target_session_attrs=read-write`. The primary dies, and the"
                    + " standby is promoted. A first commit on the new primary before `pg_promote` returns counts as 0"
                    + " ms.",
            "",
            "| the primary's end | time to the first commit | from the return of `pg_promote` | acknowledged |"
                    + " outcome unknown | failed |",
            "|---|---|---|---|---|---|"));

    private FailoverPage() {}

    static synchronized void add(
            String end, Duration fromEnd, Duration fromPromotion, int acknowledged, int unknown, int failed)
            throws IOException {
        String line = String.format(
                Locale.ROOT,
                "| %s | %d ms | %d ms | %d | %d | %d |",
                end,
                fromEnd.toMillis(),
                Math.max(0, fromPromotion.toMillis()),
                acknowledged,
                unknown,
                failed);
        System.out.println(line);
        LINES.add(line);
        Files.createDirectories(PAGE.getParent());
        Files.write(PAGE, LINES);
    }
}
