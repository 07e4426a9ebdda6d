package io.github.pgmanaged.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.Snippets;
import io.github.pgmanaged.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the docs show is code that is run. */
@Timeout(120)
class DocsTest {
    static class PlainSample {
        @RegisterExtension
        static final OneConnection ONE = OneConnection.embedded();

        private final Shop shop = new Shop(ONE.dataSource());

        @Test
        void the_embedded_server_answers() throws Exception {
            assertThat(shop).isNotNull();
            try (Connection connection = ONE.dataSource().getConnection()) {
                assertThat(TestDatabase.query(connection, "SELECT current_database()"))
                        .startsWith("one_connection_");
            }
        }
    }

    @Test
    void a_test_on_the_embedded_server_needs_nothing_else() {
        Run.of(PlainSample.class).isInnocent();
    }

    @Test
    void an_url_of_testcontainers_is_left_to_its_driver_and_nothing_connects_before_it_has_to() {
        OneConnection one = OneConnection.to("jdbc:tc:postgresql:18:///test");
        assertThat(one.dataSource()).isSameAs(one.dataSource());
        assertThat(one.manager().isOpen()).isFalse();
    }

    @Test
    void each_snippet_is_code_that_is_tested() throws Exception {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sources.add(words(Files.readString(file)));
            }
        }
        assertThat(Snippets.ofModule("junit"))
                .isNotEmpty()
                .allSatisfy(snippet -> assertThat(sources)
                        .anySatisfy(source -> assertThat(source).contains(words(snippet.code()))));
    }

    private static String words(String code) {
        return code.strip().replaceAll("\\s+", " ");
    }
}
