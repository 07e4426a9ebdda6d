package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.Snippets;
import io.github.pgmanaged.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/** What docs/spring-boot.md shows is what {@link DocumentedConfiguration} does, and that works. */
class DocsTest {
    private static final Path PAGE = Path.of("..", "docs", "spring-boot.md");
    private static final Pattern PROPERTIES = Pattern.compile("(?s)```properties\\n(.*?)```");

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Test
    void each_snippet_is_code_that_is_tested() throws Exception {
        Path here = Path.of("src/test/java/io/github/pgmanaged/spring/boot");
        String tested = Files.readString(here.resolve("DocumentedConfiguration.java"))
                + Files.readString(here.resolve("DocumentedImports.java"));
        assertThat(Snippets.ofModule("spring-boot"))
                .hasSize(4)
                .allSatisfy(snippet -> assertThat(words(tested)).contains(words(snippet.code())));
    }

    @Test
    void what_it_shows_works() throws Exception {
        try (ConfigurableApplicationContext context = run(documented())) {
            assertThat(context.getBean(JdbcTemplate.class).queryForObject("SELECT current_schema", String.class))
                    .isEqualTo("pg_catalog");
            assertThat(DocumentedImports.isFresh(
                            context.getBean(ManagedConnection.class),
                            context.getBean(PlatformTransactionManager.class)))
                    .isTrue();
            assertThat(context.getBean(MeterRegistry.class)
                            .find("hikaricp.connections.usage")
                            .timer())
                    .isNotNull();
        }
        Properties beside = documented();
        beside.setProperty("pgmanaged.default-candidate", "false");
        beside.setProperty("spring.datasource.url", "jdbc:postgresql://pool.invalid/a");
        try (ConfigurableApplicationContext context = run(beside)) {
            assertThat(context.getBean("jobs", JdbcClient.class)
                            .sql("SELECT current_schema")
                            .query(String.class)
                            .single())
                    .isEqualTo("pg_catalog");
        }
    }

    @Test
    void it_shows_each_property_that_is_no_option_and_only_those_that_there_are() throws Exception {
        String metadata;
        try (var in = getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            metadata = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Matcher named = Pattern.compile("pgmanaged\\.([a-z-]+)").matcher(Files.readString(PAGE));
        int count = 0;
        while (named.find()) {
            assertThat(metadata).contains("\"name\": \"" + named.group() + "\"");
            count++;
        }
        assertThat(count).isGreaterThan(8);
    }

    private static ConfigurableApplicationContext run(Properties properties) {
        return new SpringApplicationBuilder(OrdersApplication.class, DocumentedConfiguration.class)
                .web(WebApplicationType.NONE)
                .properties(properties)
                .run();
    }

    /** All properties of the page. */
    private static Properties documented() throws Exception {
        Properties properties = new Properties();
        Matcher blocks = PROPERTIES.matcher(Files.readString(PAGE));
        while (blocks.find()) {
            properties.load(new StringReader(blocks.group(1)));
        }
        properties.setProperty("pgmanaged.conninfo", DB.conninfo());
        return properties;
    }

    private static String words(String code) {
        return code.strip().replaceAll("\\s+", " ");
    }
}
