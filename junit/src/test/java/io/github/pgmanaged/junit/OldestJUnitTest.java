package io.github.pgmanaged.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.TestDatabase;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** It works with the oldest JUnit that is promised, too. */
@Timeout(120)
class OldestJUnitTest {
    private static final Pattern JUNIT = Pattern.compile("junit-(jupiter|platform)[^/]*\\.jar");

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Test
    void a_fault_is_found_with_the_oldest_junit() throws Exception {
        List<String> classPath = new ArrayList<>(
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> !JUNIT.matcher(entry).find())
                        .toList());
        try (Stream<Path> jars = Files.list(Path.of("target", "oldest-junit"))) {
            jars.map(Path::toString).forEach(classPath::add);
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dconninfo=" + DB.conninfo(),
                        "-cp",
                        String.join(File.pathSeparator, classPath),
                        OldestJUnitProgram.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output)
                .contains(
                        "faulty() FAILED io.github.pgmanaged.junit.OneConnectionError: On one connection, test"
                                + " Faulty.faulty had 1 finding:",
                        "VALUES ('forgotten')",
                        "faultless() SUCCESSFUL",
                        "junit-jupiter-api-5.12.2.jar");
    }
}
