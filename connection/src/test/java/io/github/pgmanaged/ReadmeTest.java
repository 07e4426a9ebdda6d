package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.Snippets;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
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
    private static final String IMPORTS = "import io.github.pgmanaged.*; import io.github.pgmanaged.conninfo.*;"
            + " import java.io.*; import java.sql.*; import java.time.*; import java.util.*; import java.util.concurrent.*;"
            + " import java.util.function.Predicate; import javax.sql.*; import org.postgresql.PGConnection;";

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @TempDir
    Path folder;

    static List<Snippets.Snippet> snippets() throws Exception {
        return Snippets.ofModule("");
    }

    @Test
    void the_readme_and_the_docs_have_snippets_and_each_is_run_by_some_module() throws Exception {
        assertThat(Snippets.in(README)).hasSizeGreaterThan(3);
        assertThat(snippets()).hasSizeGreaterThan(Snippets.in(README).size() + 3);
        assertThat(Snippets.inAll())
                .extracting(Snippets.Snippet::module)
                .containsOnly("", "junit", "micrometer", "spring-boot", "integrations");
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
    void a_snippet_compiles_and_does_what_it_says(Snippets.Snippet snippet) throws Exception {
        String code = snippet.code().replace("postgres://postgres@localhost/postgres", DB.conninfo());
        boolean ownManager = code.contains("ManagedConnection manager =");
        try (ManagedConnection manager = ManagedConnection.of(DB.conninfo())) {
            Snippets.run(folder, IMPORTS, code, ManagedConnection.class, ownManager ? "given" : "manager", manager);
        }
    }
}
