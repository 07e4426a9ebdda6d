package io.github.pgmanaged.faults.patroni;

import io.github.pgmanaged.faults.failover.Writers;
import io.github.pgmanaged.faults.programs.Daemon;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** docs/cluster.md: the results of the last run. */
final class ClusterPage {
    /** Nothing else frees a holder from a frozen server. */
    static final Duration MAX_LEASE = Duration.ofSeconds(10);

    private static final Path PAGE = Path.of("..", "docs", "cluster.md");

    private final List<String> lines = new ArrayList<>();

    ClusterPage(Home home, int threads) throws Exception {
        lines.addAll(List.of(
                "# Failover under Patroni",
                "",
                "`make cluster` writes this page. It needs Debian's packages `postgresql-15`, `patroni` and"
                        + " `etcd-server`. Last run: " + LocalDate.now(ZoneOffset.UTC) + ", with "
                        + version(home, Program.POSTGRES) + ", "
                        + version(home, Program.PATRONI) + ", "
                        + version(home, Program.ETCD) + ", Java "
                        + Runtime.version().feature() + ", on "
                        + Runtime.getRuntime().availableProcessors() + " processors.",
                "",
                threads + " threads write through one manager, one row a transaction, with `host=a,b"
                        + " connect_timeout=5 target_session_attrs=read-write` and `verifyCommits(true)`. `maxLease` is "
                        + MAX_LEASE.toSeconds()
                        + " s: nothing else frees a thread from a frozen server. Replication is synchronous"
                        + " (`synchronous_mode: true`), with `ttl: 20` and `loop_wait: 2`. At the end the table has every"
                        + " acknowledged row once, and no failed one.",
                "",
                "| event | time to the next commit | longest wait of a thread | acknowledged | outcome unknown |"
                        + " failed |",
                "|---|---|---|---|---|---|"));
    }

    void add(String event, Duration took, Writers writers) {
        String line = String.format(
                Locale.ROOT,
                "| %s | %.1f s | %.1f s | %d | %d | %d |",
                event,
                took.toMillis() / 1000.0,
                writers.longest().toMillis() / 1000.0,
                writers.acknowledged().size(),
                writers.unknown().size(),
                writers.failed().size());
        System.out.println(line);
        lines.add(line);
    }

    void write() throws Exception {
        Files.createDirectories(PAGE.getParent());
        Files.write(PAGE, lines);
    }

    /** The first line of what it says of itself. */
    private static String version(Home home, Program program) throws Exception {
        String said = Daemon.run(
                home.path(program + "-version.log"), List.of(program.path().toString(), "--version"));
        return said.lines().findFirst().orElse("").replace("Version: ", "").trim();
    }
}
