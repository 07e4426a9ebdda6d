package io.github.pgmanaged.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What a broken-off run leaves behind. */
@DisabledOnOs(OS.WINDOWS) // has neither sh nor signals
class EndedWithUsTest {
    /** A run of tests that has started a program, which has started another. */
    static final class Run {
        private Run() {}

        public static void main(String[] args) throws Exception {
            Process shell = EndedWithUs.program(new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; wait").start());
            try (BufferedReader said = shell.inputReader()) {
                System.out.println(shell.pid() + " " + said.readLine());
                shell.waitFor();
            }
        }
    }

    @Test
    void a_run_that_is_broken_off_ends_its_programs_and_theirs() throws IOException {
        Process run = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Run.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<ProcessHandle> programs = List.of();
        try (BufferedReader said = run.inputReader()) {
            programs = Stream.of(said.readLine().split(" "))
                    .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
                    .toList();
            assertThat(programs).hasSize(2);
            run.destroy();
            for (ProcessHandle left : programs) {
                left.onExit().orTimeout(1, TimeUnit.MINUTES).join();
            }
            assertThat(run.onExit().orTimeout(1, TimeUnit.MINUTES).join().exitValue())
                    .isNotZero();
        } finally {
            programs.forEach(ProcessHandle::destroyForcibly);
            run.destroyForcibly();
        }
    }
}
