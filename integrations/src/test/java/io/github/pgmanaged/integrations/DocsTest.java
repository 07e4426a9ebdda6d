package io.github.pgmanaged.integrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.Snippets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    @Test
    void the_frameworks_page_names_the_versions_that_are_tested() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "frameworks.md"));
        Matcher versions = Pattern.compile("<(?!spring-boot)[a-z0-9-]+\\.version>([^<]+)<")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(versions.results().map(found -> found.group(1)).toList())
                .hasSizeGreaterThan(5)
                .allSatisfy(version -> assertThat(page).contains(version));
    }

    private static String words(String code) {
        return code.strip().replaceAll("\\s+", " ");
    }
}
