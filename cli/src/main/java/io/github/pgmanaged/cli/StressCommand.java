package io.github.pgmanaged.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code stress}: the demo's load and proof, on a server of the user's. */
@Command(
        name = "stress",
        description = {
            "The demo's load on a server of yours: many threads share one connection, and the books are checked.",
            "",
            "It works in a schema of its own, pgmanaged_stress_ and a random number, which is dropped at the end, also"
                    + " when it fails or is interrupted; nothing else is touched. It kills its own backend once. It needs"
                    + " the right to create a schema, and three connections. Exit status 0 if the proof holds, 1 if it"
                    + " fails or the server cannot be used, 2 if the command line is wrong.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        showDefaultValues = true)
final class StressCommand extends LoadCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "conninfo",
            description =
                    "The server: a libpq connection string or a jdbc:postgresql: URL. Without it, the one that psql"
                            + " would connect to.")
    private @Nullable String conninfo;

    @Option(
            names = "--bad-citizens",
            paramLabel = "N",
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "Threads that misbehave in some of their turns. By default all, as in the demo.")
    private @Nullable Integer badCitizens;

    @Option(names = "--json", description = "The report as JSON, and nothing else on standard output.")
    private boolean json;

    @Override
    int run(int threads, int seconds, long seed) throws Exception {
        int bad = badCitizens == null ? threads : badCitizens;
        checkRange("--bad-citizens", bad, 0, threads);
        Demo.Settings settings =
                new Demo.Settings("stress", threads, bad, Duration.ofSeconds(seconds), Duration.ZERO, seed);
        try (DemoServer server = DemoServer.own(conninfo)) {
            Report report = new Demo(settings, server, new Progress(err()), null).run();
            if (json) {
                out().println(Json.of(report.facts()));
                out().flush();
            } else {
                report.print(out());
            }
            return status(report);
        }
    }
}
