package io.github.pgmanaged.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.Snippets;
import io.github.pgmanaged.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The snippets of the docs that need Micrometer or OpenTelemetry are run; and the docs name each meter. */
class DocsTest {
    private static final String IMPORTS =
            "import io.github.pgmanaged.*; import io.github.pgmanaged.conninfo.*; import io.github.pgmanaged.micrometer.*;"
                    + " import io.micrometer.core.instrument.*; import io.micrometer.core.instrument.config.*;"
                    + " import io.micrometer.core.instrument.distribution.*; import io.micrometer.prometheusmetrics.*;"
                    + " import io.opentelemetry.api.*; import io.opentelemetry.instrumentation.jdbc.datasource.*;"
                    + " import java.sql.*; import java.time.*; import javax.sql.*;";

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @TempDir
    Path folder;

    static List<Snippets.Snippet> snippets() throws Exception {
        return Snippets.ofModule("micrometer");
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void a_snippet_compiles_and_does_what_it_says(Snippets.Snippet snippet) throws Exception {
        String code = snippet.code().replace("postgres://postgres@localhost/postgres", DB.conninfo());
        boolean ownManager = code.contains("ManagedConnection manager =");
        try (ManagedConnection manager =
                ManagedConnection.builder(DB.conninfo()).name("books").build()) {
            Snippets.run(folder, IMPORTS, code, ManagedConnection.class, ownManager ? "given" : "manager", manager);
        }
    }

    @Test
    void the_tables_name_each_meter_by_both_conventions() throws Exception {
        String text = Files.readString(Path.of("..", "docs", "observe.md"));
        for (ConnectionMeterConventions conventions :
                List.of(ConnectionMeterConventions.openTelemetry(), ConnectionMeterConventions.hikariCp())) {
            MeterRegistry registry = new SimpleMeterRegistry();
            try (ManagedConnection manager = ManagedConnection.of(DB.conninfo());
                    ManagedConnectionMetrics metrics = new ManagedConnectionMetrics(manager, conventions)) {
                metrics.bindTo(registry);
                assertThat(registry.getMeters().stream()
                                .map(meter -> "`" + meter.getId().getName() + "`")
                                .collect(Collectors.toSet()))
                        .allSatisfy(name -> assertThat(text).contains(name));
            }
        }
    }
}
