package io.github.pgmanaged.faults.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestCertificate;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over TLS the proxy does the same. */
@Tag("long")
class FaultProxyOverTlsTest extends FaultProxyTest {
    private static TestCertificate certificate;

    @BeforeAll
    static void aCertificate(@TempDir Path directory) throws Exception {
        certificate = TestCertificate.make(directory);
    }

    @Override
    FaultProxy proxy(int serverPort) throws Exception {
        return new FaultProxy(serverPort, certificate);
    }

    @Test
    void a_strike_may_hit_the_handshake() {
        List<Integer> backends = new ArrayList<>();
        for (Trouble trouble : List.of(Trouble.CUT, Trouble.RESET, Trouble.HALF_CLOSE)) {
            proxy().strikeAt(Moment.after(Message.consent()), line -> {
                backends.add(line.backend());
                trouble.on(line);
            });
            assertThatThrownBy(this::connect).isInstanceOf(SQLException.class);
        }
        assertThat(backends).as("there is no session yet").containsExactly(0, 0, 0);
    }

    @Test
    void a_frozen_server_does_not_even_consent() throws Exception {
        server().freeze();
        CompletableFuture<Connection> late = Elsewhere.call(this::connect);
        Awaitility.await().during(Duration.ofMillis(300)).until(() -> !late.isDone());
        server().goOn();
        late.get(10, TimeUnit.SECONDS).close();
    }
}
