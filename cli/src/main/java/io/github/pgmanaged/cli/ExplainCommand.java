package io.github.pgmanaged.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.pgmanaged.conninfo.Candidate;
import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.Resolution;
import io.github.pgmanaged.conninfo.Setting;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    /** How long one may take, if nothing else is said. */
    private static final int SECONDS = 10;

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

    @Option(
            names = "--connect",
            description =
                    "Try each server, and say what it is, and what of the session is not as in psql. Each may take"
                            + " connect_timeout, or else 10 seconds.")
    private boolean connect;

    @Option(names = "--json", description = "Say it for a program, as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        silenceLogs();
        PrintWriter out = spec.commandLine().getOut();
        try {
            ConnInfo parsed = ConnInfo.parse(conninfo);
            LibpqDataSource source = new LibpqDataSource(parsed);
            source.setLoginTimeout(SECONDS);
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
        String meaning = parsed + " is a URL of pgjdbc's, which is given to pgjdbc as it is: libpq's rules, environment"
                + " variables and files do not count.";
        Trial trial = connect ? Trial.of(null, Map.of(), source::getConnection) : null;
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("string", parsed.toString());
            all.put("warnings", List.of(meaning));
            if (trial != null) {
                all.put("leads_to", facts(trial));
            }
            out.println(Json.of(all));
        } else {
            out.println(meaning);
            if (trial != null) {
                out.println();
                out.println(trial);
            }
        }
        return trial == null || trial.succeeded();
    }

    private boolean explain(ConnInfo parsed, PrintWriter out) {
        Environment environment = Environment.current();
        Resolution resolution = parsed.resolve(environment);
        Explanation explanation = new Explanation(parsed, resolution);
        Resolution bounded = resolution.setting(Keyword.CONNECT_TIMEOUT).isPresent()
                ? resolution
                : parsed.resolve(withTimeout(environment));
        return json ? tell(explanation, bounded, out) : print(explanation, bounded, out);
    }

    /** Somebody waits for the answer, who may not know of the keyword. */
    private static Environment withTimeout(Environment environment) {
        Map<String, String> variables = new HashMap<>(environment.variables());
        variables.put("PGCONNECT_TIMEOUT", Integer.toString(SECONDS));
        return environment.withVariables(variables);
    }

    private boolean print(Explanation explanation, Resolution bounded, PrintWriter out) {
        explanation.print(out);
        if (!connect) {
            return true;
        }
        out.println();
        out.println("Each of them, tried by itself:");
        int number = 0;
        Trial last = null;
        for (Candidate candidate : bounded.candidates()) {
            number++;
            out.println("  " + number + ". " + candidate);
            last = trial(bounded, candidate);
            out.println(last.toString().indent(5).stripTrailing());
            out.flush();
        }
        Trial whole = number == 1 && last != null ? last : whole(bounded);
        out.println();
        out.println(whole.succeeded() ? "The string leads to:" : "The string leads nowhere:");
        out.println(whole.toString().indent(5).stripTrailing());
        return whole.succeeded();
    }

    private boolean tell(Explanation explanation, Resolution bounded, PrintWriter out) {
        Map<String, Object> all = explanation.toMap();
        boolean reached = true;
        if (connect) {
            List<Map<String, Object>> tried = new ArrayList<>();
            Trial last = null;
            for (Candidate candidate : bounded.candidates()) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("server", candidate.toString());
                last = trial(bounded, candidate);
                one.putAll(facts(last));
                tried.add(one);
            }
            all.put("tried", tried);
            Trial whole = tried.size() == 1 && last != null ? last : whole(bounded);
            all.put("leads_to", facts(whole));
            reached = whole.succeeded();
        }
        out.println(Json.of(all));
        return reached;
    }

    private static Trial trial(Resolution bounded, Candidate candidate) {
        return Trial.of(candidate.isUnixSocket() ? null : candidate, asked(bounded), bounded.only(candidate)::connect);
    }

    private static Trial whole(Resolution bounded) {
        return Trial.of(null, asked(bounded), bounded::connect);
    }

    /** What the environment says of settings; empty for those that the string's options set. */
    private static Map<String, String> asked(Resolution bounded) {
        Map<String, String> asked = new HashMap<>();
        Map<String, String> variables = Environment.current().variables();
        String options =
                bounded.setting(Keyword.OPTIONS).map(Setting::value).orElse("").toLowerCase(Locale.ROOT);
        for (String name : List.of("TimeZone", "DateStyle", "search_path")) {
            if (options.contains(name.toLowerCase(Locale.ROOT))) {
                asked.put(name, "");
            }
        }
        Map.of("PGTZ", "TimeZone", "PGDATESTYLE", "DateStyle").forEach((variable, name) -> {
            if (variables.containsKey(variable)) {
                asked.put(name, variables.getOrDefault(variable, ""));
            }
        });
        return asked;
    }

    private static Map<String, Object> facts(Trial trial) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("reached", trial.succeeded());
        facts.putAll(trial.facts());
        return facts;
    }

    /** What there is to say stands in the output. */
    private static void silenceLogs() {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.setLevel(Level.OFF);
        }
        DRIVER.setLevel(java.util.logging.Level.OFF);
    }
}
