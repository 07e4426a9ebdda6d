package io.github.pgmanaged.micrometer.modules;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.TestDatabase;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** As a module, it sees of the manager's module what it needs. */
@Timeout(120)
class ModulesTest {
    private static final Predicate<String> LIBRARY = Pattern.compile(
                    "(micrometer|connection|conninfo)/target/classes|/(pgmanaged|pgmanaged-conninfo|pgmanaged-micrometer"
                            + "|micrometer-(core|commons|observation)|postgresql|slf4j-api|jspecify"
                            + "|junixsocket-(core|common|native-common))-[0-9][^/]*\\.jar")
            .asPredicate();

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private static Stream<String> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator));
    }

    @Test
    void a_manager_is_bound_where_all_are_modules() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-p",
                        classPath().filter(LIBRARY).collect(joining(File.pathSeparator)),
                        "--add-modules",
                        "io.github.pgmanaged.micrometer",
                        "-cp",
                        classPath().filter(LIBRARY.negate()).collect(joining(File.pathSeparator)),
                        BoundProgram.class.getName(),
                        DB.conninfo())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("module io.github.pgmanaged.micrometer, module io.github.pgmanaged, uses 1");
    }
}
