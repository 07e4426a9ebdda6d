package io.github.pgmanaged.modules;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.TestDatabase;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The library in programs of their own, with fewer modules than a JDK has, and as a module. */
@Timeout(120)
class ModulesTest {
    /** What the library and the driver cannot do without. */
    private static final String FEW = "java.base,java.logging,java.naming,java.security.jgss,java.sql,java.xml,jdk.net";

    private static final Predicate<String> LIBRARY = Pattern.compile(
                    "(connection|conninfo)/target/classes|/(pgmanaged|pgmanaged-conninfo|postgresql|slf4j-api"
                            + "|junixsocket-(core|common|native-common))-[0-9][^/]*\\.jar")
            .asPredicate();

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private static Stream<String> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator));
    }

    private static String output(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(arguments));
        command.add(DB.conninfo());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void where_there_is_no_flight_recorder_and_no_jmx_it_works_without_them() throws Exception {
        assertThat(output(
                        "--limit-modules",
                        FEW,
                        "-cp",
                        classPath().collect(joining(File.pathSeparator)),
                        Program.class.getName()))
                .contains("answer 42, leases 1")
                .contains("jdk.jfr false", "java.management false");
    }

    @Test
    void as_a_module_it_is_recorded_and_seen_in_jmx() throws Exception {
        assertThat(output(
                        "-p",
                        classPath().filter(LIBRARY).collect(joining(File.pathSeparator)),
                        "--add-modules",
                        "io.github.pgmanaged,jdk.jfr,java.management",
                        "-cp",
                        classPath().filter(LIBRARY.negate()).collect(joining(File.pathSeparator)),
                        WatchedProgram.class.getName()))
                .contains("module io.github.pgmanaged")
                .contains("leases 1")
                .contains("io.github.pgmanaged.Lease io.github.pgmanaged.SessionClosed");
    }
}
