package io.github.pgmanaged.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.pgmanaged.conninfo.Candidate;
import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.Resolution;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code explain}: why it connects there. */
@Command(
        name = "explain",
        description = {
            "Says where a libpq connection string leads, and why: every value and where it comes from, what it does in"
                    + " pgjdbc, and the servers in the order in which they are tried. Secrets are not shown.",
            "",
            "Exit status 0 if the string can be resolved and, with --connect, leads to a server; 1 if it leads to none;"
                    + " 2 if the string or what it refers to cannot be understood.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class ExplainCommand implements Callable<Integer> {
    /** Kept, or its level would be forgotten with it. */
    private static final java.util.logging.Logger DRIVER = java.util.logging.Logger.getLogger("org.postgresql");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "conninfo",
            defaultValue = "",
            description =
                    "A URI (postgres://localhost/a), or keywords and values (host=localhost dbname=a). Without it,"
                            + " the environment and the defaults decide.")
    private String conninfo = "";

    @Option(names = "--connect", description = "Try each server, and say what it is.")
    private boolean connect;

    @Override
    public Integer call() {
        silenceLogs();
        PrintWriter out = spec.commandLine().getOut();
        try {
            ConnInfo parsed = ConnInfo.parse(conninfo);
            LibpqDataSource source = new LibpqDataSource(parsed);
            boolean reached = parsed.isJdbcUrl() ? explainUrl(parsed, source, out) : explain(parsed, out);
            return reached ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        } catch (InvalidConnInfoException e) {
            throw new ParameterException(spec.commandLine(), "Invalid connection string: " + e.getMessage(), e);
        } finally {
            out.flush();
        }
    }

    /** Of a URL of pgjdbc's only pgjdbc knows what it means. */
    private boolean explainUrl(ConnInfo parsed, LibpqDataSource source, PrintWriter out) {
        out.println(parsed + " is a URL of pgjdbc's, which is given to pgjdbc as it is: libpq's rules, environment"
                + " variables and files do not count.");
        if (!connect) {
            return true;
        }
        Trial trial = Trial.of(source::getConnection);
        out.println();
        out.println(trial);
        return trial.succeeded();
    }

    private boolean explain(ConnInfo parsed, PrintWriter out) {
        Resolution resolution = parsed.resolve(Environment.current());
        new Explanation(parsed, resolution).print(out);
        if (!connect) {
            return true;
        }
        out.println();
        out.println("Each of them, tried by itself:");
        int number = 0;
        for (Candidate candidate : resolution.candidates()) {
            number++;
            out.println("  " + number + ". " + candidate);
            out.println(Trial.of(resolution.only(candidate)::connect)
                    .toString()
                    .indent(5)
                    .stripTrailing());
            out.flush();
        }
        Trial whole = Trial.of(resolution::connect);
        out.println();
        out.println(whole.succeeded() ? "The string leads to:" : "The string leads nowhere:");
        out.println(whole.toString().indent(5).stripTrailing());
        return whole.succeeded();
    }

    /** What there is to say stands in the output. */
    private static void silenceLogs() {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.setLevel(Level.OFF);
        }
        DRIVER.setLevel(java.util.logging.Level.OFF);
    }
}
