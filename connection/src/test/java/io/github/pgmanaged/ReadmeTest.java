package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every Java snippet of the README and of docs/ is compiled and run, on the tests' server in place of the one that it
 * names; and the README's table of options lists the builder's.
 */
class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Pattern SNIPPET = Pattern.compile("(?s)```java\\n(.*?)```");
    private static final Pattern THROWS = Pattern.compile("// throws (\\w+)");

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @TempDir
    Path folder;

    static Stream<String> snippets() throws Exception {
        List<String> snippets = new ArrayList<>(snippets(README));
        try (Stream<Path> files = Files.list(Path.of("..", "docs"))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList()) {
                snippets.addAll(snippets(file));
            }
        }
        return snippets.stream();
    }

    private static List<String> snippets(Path file) throws Exception {
        Matcher matcher = SNIPPET.matcher(Files.readString(file));
        List<String> snippets = new ArrayList<>();
        while (matcher.find()) {
            snippets.add(matcher.group(1));
        }
        return snippets;
    }

    @Test
    void the_readme_and_the_docs_have_snippets() throws Exception {
        assertThat(snippets(README)).hasSizeGreaterThan(5);
        assertThat(snippets()).hasSizeGreaterThan(snippets(README).size() + 3);
    }

    @Test
    void the_table_of_options_lists_each_option_of_the_builder_once() throws Exception {
        List<String> options = Stream.of(ManagedConnection.Builder.class.getMethods())
                .filter(method -> method.getReturnType() == ManagedConnection.Builder.class)
                .map(Method::getName)
                .toList();
        try (Stream<String> lines = Files.lines(README)) {
            List<String> rows = lines.dropWhile(line -> !line.startsWith("| option |"))
                    .skip(2)
                    .takeWhile(line -> line.startsWith("|"))
                    .map(line -> line.split("`")[1])
                    .toList();
            assertThat(rows).containsExactlyInAnyOrderElementsOf(options);
        }
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void a_snippet_compiles_and_does_what_it_says(String snippet) throws Exception {
        Throwable thrown;
        try (ManagedConnection manager = ManagedConnection.of(DB.conninfo())) {
            thrown = run(compile(snippet), manager);
        }
        Matcher announced = THROWS.matcher(snippet);
        if (announced.find()) {
            assertThat(thrown).isNotNull();
            assertThat(thrown.getClass().getSimpleName()).isEqualTo(announced.group(1));
        } else {
            assertThat(thrown).isNull();
        }
    }

    private Path compile(String snippet) throws Exception {
        boolean ownManager = snippet.contains("ManagedConnection manager =");
        String source =
                "import io.github.pgmanaged.*; import io.github.pgmanaged.conninfo.*; import java.io.*; import java.sql.*; import java.time.*; import java.util.concurrent.*;"
                        + " import javax.sql.*; import org.postgresql.PGConnection;\npublic class Snippet { public static void run(ManagedConnection "
                        + (ownManager ? "given" : "manager") + ") throws Exception {\n"
                        + snippet.replace("postgres://postgres@localhost/postgres", DB.conninfo()) + "\n} }\n";
        Path file = Files.writeString(folder.resolve("Snippet.java"), source);
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-d",
                        folder.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        file.toString());
        assertThat(status).as("compiles:\n" + source).isZero();
        return folder;
    }

    private static Throwable run(Path classes, ManagedConnection manager) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()}, ReadmeTest.class.getClassLoader())) {
            loader.setDefaultAssertionStatus(true);
            var method = loader.loadClass("Snippet").getMethod("run", ManagedConnection.class);
            return catchThrowable(() -> {
                try {
                    method.invoke(null, manager);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
        }
    }
}
