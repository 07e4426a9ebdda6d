package io.github.pgmanaged.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code demo}: its options, and which server it works on. */
@Command(
        name = "demo",
        description = {
            "Many threads share one connection; some of them misbehave; the books are checked.",
            "",
            "Money moves between accounts in a schema of its own, which is dropped at the end. Exit status 0 if the"
                    + " proof holds, 1 if it fails or the server cannot be used, 2 if the command line is wrong.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        showDefaultValues = true)
final class DemoCommand extends LoadCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "conninfo",
            description =
                    "The server: a libpq connection string or a jdbc:postgresql: URL. Without it, what PGHOST, PGPORT,"
                            + " PGSERVICE, PGDATABASE and PGUSER say; without these, an embedded PostgreSQL.")
    private @Nullable String conninfo;

    @Option(
            names = "--compare-seconds",
            paramLabel = "S",
            defaultValue = "2",
            description = "How long each of the two ways is measured; 0 for no comparison.")
    private int compareSeconds;

    @Option(
            names = "--timeline",
            paramLabel = "FILE",
            description =
                    "Records the run, without the comparison, and writes a page that shows who held the connection"
                            + " when.")
    private @Nullable Path timeline;

    @Override
    int run(int threads, int seconds, long seed) throws Exception {
        checkRange("--compare-seconds", compareSeconds, 0, 3600);
        Demo.Settings settings = new Demo.Settings(
                "demo", threads, threads, Duration.ofSeconds(seconds), Duration.ofSeconds(compareSeconds), seed);
        try (DemoServer server = DemoServer.choose(conninfo, System.getenv(), err());
                LeaseRecording recording = timeline == null ? null : LeaseRecording.start()) {
            Report report = new Demo(settings, server, new Progress(err()), recording).run();
            report.print(out());
            if (recording != null && timeline != null) {
                writeTimeline(recording, timeline);
            }
            return status(report);
        }
    }

    private void writeTimeline(LeaseRecording recording, Path file) throws IOException {
        TimelineCommand.writePage(file, "demo", recording.histories());
        out().println();
        out().println("Who held the connection when: " + file + " (open it in a browser). The run was recorded by the"
                + " Flight Recorder, the comparison was not.");
        out().flush();
    }
}
