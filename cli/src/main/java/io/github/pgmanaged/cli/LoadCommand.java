package io.github.pgmanaged.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands have in common that put a load on a server, and prove that it held. */
abstract class LoadCommand implements Callable<Integer> {
    private static final java.util.logging.Logger DRIVER = java.util.logging.Logger.getLogger("org.postgresql");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "64", description = "Threads that share.")
    private int threads;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "8", description = "How long they work.")
    private int seconds;

    @Option(
            names = "--seed",
            paramLabel = "N",
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "Repeats what each thread does, turn by turn. By default a new one.")
    private @Nullable Long seed;

    @Option(names = "--verbose", description = "Show the library's log.")
    private boolean verbose;

    @Override
    public final Integer call() throws Exception {
        checkRange("--threads", threads, 1, 1000);
        checkRange("--seconds", seconds, 1, 86_400);
        setLogLevels();
        try {
            return run(
                    threads,
                    seconds,
                    seed == null ? RandomGenerator.getDefault().nextInt(Integer.MAX_VALUE) : seed);
        } catch (InvalidConnInfoException e) {
            throw new ParameterException(spec.commandLine(), "Invalid connection string: " + e.getMessage(), e);
        }
    }

    /** Does it; the exit status. */
    abstract int run(int threads, int seconds, long seed) throws Exception;

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final void checkRange(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ParameterException(
                    spec.commandLine(), option + " must be from " + least + " to " + most + ", and is " + value);
        }
    }

    static int status(Report report) {
        return report.proof().holds() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private void setLogLevels() {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.setLevel(verbose ? Level.DEBUG : Level.ERROR);
        }
        DRIVER.setLevel(verbose ? java.util.logging.Level.INFO : java.util.logging.Level.OFF);
    }
}
