package io.github.pgmanaged.cli;

import static io.github.pgmanaged.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command says to recordings that it cannot draw, and to places that it cannot write to. */
class TimelineCommandTest {
    @TempDir
    Path directory;

    @Test
    void aRecordingWithOtherEventsOnlyIsToldAndNothingOfItIsRepeated() throws IOException {
        System.setProperty("pgmanaged.test.password", "hunter2");
        Path recording = directory.resolve("other.jfr");
        try (Recording other = new Recording()) {
            other.enable("jdk.InitialSystemProperty");
            other.start();
            other.stop();
            other.dump(recording);
        } finally {
            System.clearProperty("pgmanaged.test.password");
        }
        assertThat(Files.readAllBytes(recording))
                .as("there is a secret in it")
                .contains("hunter2".getBytes(StandardCharsets.US_ASCII));
        assertThat(refused(recording)).contains("has no events of pgmanaged").doesNotContain("hunter2");
    }

    @Test
    void anEmptyRecordingIsTold() throws IOException {
        Path recording = directory.resolve("empty.jfr");
        try (Recording empty = new Recording()) {
            empty.start();
            empty.stop();
            empty.dump(recording);
        }
        assertThat(refused(recording)).contains("has no events of pgmanaged");
    }

    @Test
    void whatIsNoWholeRecordingIsTold() throws IOException {
        Path whole = directory.resolve("whole.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.InitialSystemProperty");
            recording.start();
            recording.stop();
            recording.dump(whole);
        }
        byte[] bytes = Files.readAllBytes(whole);
        for (int length : new int[] {0, 1, 40, 68, 100, bytes.length / 2, bytes.length - 1}) {
            Path part = Files.write(directory.resolve("part-" + length + ".jfr"), Arrays.copyOf(bytes, length));
            assertThat(refused(part)).as(length + " bytes").contains("could not be read as a recording");
        }
        Path text = Files.writeString(directory.resolve("text.jfr"), "a letter to my aunt ".repeat(50));
        assertThat(refused(text)).contains("could not be read as a recording");
        assertThat(refused(directory.resolve("nowhere.jfr"))).contains("does not exist");
        assertThat(refused(directory)).contains("could not be read as a recording");
    }

    @Test
    void aPageThatCannotBeWrittenIsToldAndLeavesNothingBehind() throws IOException {
        Path recording = Recordings.ofAFewLeases(directory.resolve("leases.jfr"));
        List<Path> before = files();
        Run nowhere = run(
                "timeline",
                recording.toString(),
                "-o",
                directory.resolve("no/such/directory.html").toString());
        assertThat(nowhere.status()).isEqualTo(1);
        assertThat(nowhere.err())
                .contains("could not be written: there is no such file or directory")
                .hasLineCount(1);
        Run onDirectory = run("timeline", recording.toString(), "-o", directory.toString());
        assertThat(onDirectory.status()).isEqualTo(1);
        assertThat(onDirectory.err()).contains("could not be written: it is a directory");
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void theRecordingIsNotOverwritten() throws IOException {
        Path recording = Recordings.ofAFewLeases(directory.resolve("leases.jfr"));
        byte[] before = Files.readAllBytes(recording);
        String file = recording.toString();
        assertThat(run("timeline", file, "-o", directory.resolve("./leases.jfr").toString())
                        .status())
                .isEqualTo(2);
        assertThat(run("timeline", file, "--perfetto", file).status()).isEqualTo(2);
        String same = directory.resolve("same").toString();
        assertThat(run("timeline", file, "-o", same, "--perfetto", same).status())
                .isEqualTo(2);
        assertThat(run("timeline").status()).isEqualTo(2);
        assertThat(Files.readAllBytes(recording)).isEqualTo(before);
    }

    @Test
    void aPageAndATraceAreWrittenAndAnOlderPageIsReplaced() throws IOException {
        Path recording = Recordings.ofAFewLeases(directory.resolve("leases.jfr"));
        Path page = Files.writeString(directory.resolve("t.html"), "an older one");
        Path trace = directory.resolve("t.pftrace");
        Run run = run("timeline", recording.toString(), "-o", page.toString(), "--perfetto", trace.toString());
        assertThat(run.status()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("t.html: 3 leases of one manager").contains("t.pftrace: 3 leases");
        assertThat(Files.readString(page)).startsWith("<!DOCTYPE html>").contains("id=\"manager-0\"");
        assertThat(page).isNotEmptyFile();
        assertThat(trace).isNotEmptyFile();
        assertThat(files()).containsExactly(recording, page, trace);
    }

    private String refused(Path recording) throws IOException {
        Path page = directory.resolve("page.html");
        Run run = run("timeline", recording.toString(), "-o", page.toString());
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).startsWith("pgmanaged: ").hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(page).doesNotExist();
        return run.err();
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }
}
