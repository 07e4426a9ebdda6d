package io.github.pgmanaged.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which server the demo takes. */
class DemoServerTest {
    private final PrintWriter err = new PrintWriter(Writer.nullWriter());

    @Test
    void aConninfoWinsOverTheEnvironment() throws IOException {
        try (DemoServer server = DemoServer.choose("postgres://db.example:6000/bank", Map.of("PGHOST", "other"), err)) {
            assertThat(server.conninfo()).isEqualTo("postgres://db.example:6000/bank");
            assertThat(server.isEmbedded()).isFalse();
        }
    }

    @Test
    void theEnvironmentWinsOverTheEmbeddedServer() throws IOException {
        for (String variable : new String[] {"PGHOST", "PGPORT", "PGSERVICE", "PGDATABASE", "PGUSER"}) {
            try (DemoServer server = DemoServer.choose(null, Map.of(variable, "1"), err)) {
                assertThat(server.conninfo()).isEqualTo("postgres://");
                assertThat(server.isEmbedded()).isFalse();
            }
        }
    }
}
