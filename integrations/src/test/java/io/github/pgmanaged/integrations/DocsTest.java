package io.github.pgmanaged.integrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.Snippets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the docs show of these applications is code of theirs. */
class DocsTest {
    @Test
    void each_snippet_is_code_that_is_tested() throws Exception {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sources.add(words(Files.readString(file)));
            }
        }
        assertThat(Snippets.ofModule("integrations"))
                .isNotEmpty()
                .allSatisfy(snippet -> assertThat(sources)
                        .anySatisfy(source -> assertThat(source).contains(words(snippet.code()))));
    }

    private static String words(String code) {
        return code.strip().replaceAll("\\s+", " ");
    }
}
