package io.github.pgmanaged.modules;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Garbage collectors that work beside the program take longer than a waiting thread takes between two looks, and keep
 * what is asked for meanwhile.
 */
@Tag("long")
@Timeout(180)
class CollectorsTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseZGC", "-XX:+UseParallelGC"})
    void a_forgotten_lease_is_taken_back_under_each_collector(String collector) throws Exception {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        collector,
                        "-XX:+ExplicitGCInvokesConcurrent",
                        "-Xmx1500m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ForgetfulProgram.class.getName(),
                        DB.conninfo()))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("1 abandoned");
    }
}
