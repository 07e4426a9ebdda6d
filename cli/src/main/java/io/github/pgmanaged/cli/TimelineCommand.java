package io.github.pgmanaged.cli;

import io.github.pgmanaged.cli.timeline.History;
import io.github.pgmanaged.cli.timeline.PerfettoTrace;
import io.github.pgmanaged.cli.timeline.RecordingReader;
import io.github.pgmanaged.cli.timeline.TimelinePage;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code timeline}: from a recording to a picture of it. */
@Command(
        name = "timeline",
        description = {
            "Draws who held the connection when, from a recording of the JDK's Flight Recorder.",
            "",
            "The page is one file that needs nothing else. Exit status 0 if it was written, 1 if it could not be or the"
                    + " recording tells nothing of pgmanaged, 2 if the command line is wrong.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class TimelineCommand implements Callable<Integer> {
    private static final Path DEFAULT_PAGE = Path.of("timeline.html");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "recording.jfr", description = "The recording.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path recording;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where the page goes; timeline.html, unless only --perfetto is given.")
    private @Nullable Path page;

    @Option(
            names = "--perfetto",
            paramLabel = "FILE",
            description = "Where a trace for https://ui.perfetto.dev goes, in its own form.")
    private @Nullable Path perfetto;

    @Override
    public Integer call() throws IOException {
        Path html = page == null && perfetto == null ? DEFAULT_PAGE : page;
        refuseToOverwrite(html);
        refuseToOverwrite(perfetto);
        if (html != null && html.equals(perfetto)) {
            throw new ParameterException(spec.commandLine(), "The page and the trace cannot be the same file.");
        }
        List<History> histories = read(recording);
        if (html != null) {
            writePage(html, String.valueOf(recording.getFileName()), histories);
            tell(html, histories);
        }
        if (perfetto != null) {
            WholeFile.write(perfetto, out -> PerfettoTrace.write(out, histories));
            tell(perfetto, histories);
        }
        return CommandLine.ExitCode.OK;
    }

    /** The histories in a recording, at least one. */
    static List<History> read(Path recording) throws IOException {
        if (Files.notExists(recording)) {
            throw new IOException(recording + " does not exist");
        }
        List<History> histories;
        try {
            histories = RecordingReader.read(recording);
        } catch (IOException e) {
            throw new IOException(
                    recording + " could not be read as a recording of the Flight Recorder: " + WholeFile.reason(e)
                            + ". One of a program that still runs is fetched by: jcmd PID JFR.dump filename=FILE",
                    e);
        }
        if (histories.isEmpty()) {
            throw new IOException(recording + " has no events of pgmanaged. Record with the settings pgmanaged.jfc of"
                    + " its jar, or with any that enable io.github.pgmanaged.Lease, and others of that name.");
        }
        return histories;
    }

    /** Writes a page. */
    static void writePage(Path page, String title, List<History> histories) throws IOException {
        WholeFile.write(page, out -> {
            Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
            new TimelinePage().write(writer, title, histories);
            writer.flush();
        });
    }

    private void tell(Path file, List<History> histories) throws IOException {
        int leases =
                histories.stream().mapToInt(history -> history.leases().size()).sum();
        spec.commandLine()
                .getErr()
                .println(String.format(
                        Locale.ROOT,
                        "%s: %,d leases of %s, %,d KiB",
                        file,
                        leases,
                        histories.size() == 1 ? "one manager" : histories.size() + " managers",
                        (Files.size(file) + 1023) / 1024));
    }

    private void refuseToOverwrite(@Nullable Path output) throws IOException {
        if (output != null && Files.exists(output) && Files.exists(recording) && Files.isSameFile(output, recording)) {
            throw new ParameterException(spec.commandLine(), output + " is the recording itself.");
        }
    }
}
