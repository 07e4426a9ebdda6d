package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.EmbeddedServer;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The oracle's connections. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LibpqConnectTest {
    @Test
    void it_connects_and_asks() throws IOException {
        try (EmbeddedServer server = EmbeddedServer.start()) {
            Libpq.Connected connected = Libpq.connect(
                    server.conninfo(),
                    Map.of("HOME", "/no/such/home", "PGAPPNAME", "app"),
                    "select current_user, null, current_setting('application_name'), 'zoë'");
            assertThat(connected.error()).isNull();
            assertThat(connected.row()).containsExactly("postgres", null, "app", "zoë");
            assertThat(connected.user()).isEqualTo("postgres");
            assertThat(connected.database()).isEqualTo("postgres");
            assertThat(connected.host()).isEqualTo("localhost");
            assertThat(server.conninfo()).contains(':' + connected.port() + '/');
            assertThat(Libpq.connect(server.conninfo(), Map.of("HOME", "/"), "select 1/0")
                            .error())
                    .contains("division by zero");
        }
        assertThat(Libpq.connect("host=/no/such", Map.of("HOME", "/"), "select 1")
                        .error())
                .startsWith("connection to server on socket");
    }
}
