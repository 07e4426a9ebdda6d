package io.github.pgmanaged.cli;

import java.util.stream.Collectors;
import org.postgresql.util.DriverInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code pgmanaged}: parses the command line and turns what went wrong into one line. */
@Command(
        name = "pgmanaged",
        description = "One PostgreSQL connection, shared by every thread, never handed over dirty.",
        subcommands = {DemoCommand.class, ExplainCommand.class, StressCommand.class, TimelineCommand.class},
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /**
     * Runs the command line and ends the JVM with its exit status.
     *
     * @param args the arguments
     */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setExecutionExceptionHandler(Main::failed)
                .setParameterExceptionHandler(Main::misused);
    }

    private static int failed(Exception e, CommandLine command, ParseResult parsed) {
        LOG.debug("Failed", e);
        command.getErr().println("pgmanaged: " + oneLine(e));
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** An argument too many may well be a connection string with a password, so it is not repeated. */
    private static int misused(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String message = e instanceof UnmatchedArgumentException unmatched
                ? "Not understood: "
                        + unmatched.getUnmatched().stream()
                                .map(arg -> arg.startsWith("-") ? arg.replaceFirst("=.*", "") : "an argument too many")
                                .collect(Collectors.joining(", "))
                : oneLine(e);
        command.getErr().println("pgmanaged: " + message);
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    private static String oneLine(Exception e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message.replaceAll("\\s+", " ");
    }

    /** The versions of what is in the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String own = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "pgmanaged " + (own == null ? "(not from a jar)" : own),
                "pgjdbc " + DriverInfo.DRIVER_VERSION,
                "Java " + System.getProperty("java.version")
            };
        }
    }
}
