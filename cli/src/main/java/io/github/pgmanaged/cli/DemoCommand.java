package io.github.pgmanaged.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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
final class DemoCommand implements Callable<Integer> {
    private static final java.util.logging.Logger DRIVER = java.util.logging.Logger.getLogger("org.postgresql");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "conninfo",
            description =
                    "The server: a libpq connection string or a jdbc:postgresql: URL. Without it, what PGHOST, PGPORT,"
                            + " PGSERVICE, PGDATABASE and PGUSER say; without these, an embedded PostgreSQL.")
    private @Nullable String conninfo;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "64", description = "Threads that share.")
    private int threads;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "8", description = "How long they work.")
    private int seconds;

    @Option(
            names = "--compare-seconds",
            paramLabel = "S",
            defaultValue = "2",
            description = "How long each of the two ways is measured; 0 for no comparison.")
    private int compareSeconds;

    @Option(
            names = "--seed",
            paramLabel = "N",
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "Repeats what each thread does, turn by turn. By default a new one.")
    private @Nullable Long seed;

    @Option(names = "--verbose", description = "Show the library's log.")
    private boolean verbose;

    @Override
    public Integer call() throws Exception {
        checkRange("--threads", threads, 1, 1000);
        checkRange("--seconds", seconds, 1, 86_400);
        checkRange("--compare-seconds", compareSeconds, 0, 3600);
        setLogLevels();
        Demo.Settings settings = new Demo.Settings(
                threads,
                Duration.ofSeconds(seconds),
                Duration.ofSeconds(compareSeconds),
                seed == null ? RandomGenerator.getDefault().nextInt(Integer.MAX_VALUE) : seed);
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (DemoServer server = DemoServer.choose(conninfo, System.getenv(), err)) {
            Report report = new Demo(settings, server, new Progress(err)).run();
            report.print(out);
            return report.proof().holds() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        } catch (InvalidConnInfoException e) {
            throw new ParameterException(spec.commandLine(), "Invalid connection string: " + e.getMessage(), e);
        }
    }

    private void checkRange(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ParameterException(
                    spec.commandLine(), option + " must be from " + least + " to " + most + ", and is " + value);
        }
    }

    private void setLogLevels() {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.setLevel(verbose ? Level.DEBUG : Level.ERROR);
        }
        DRIVER.setLevel(verbose ? java.util.logging.Level.INFO : java.util.logging.Level.OFF);
    }
}
