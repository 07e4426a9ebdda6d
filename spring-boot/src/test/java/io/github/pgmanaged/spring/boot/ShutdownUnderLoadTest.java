package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** An application that is told to stop while clients send requests, each of which waits for the one connection. */
class ShutdownUnderLoadTest {
    private static final int CLIENTS = 8;

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    /** The requests that were answered with success. */
    private final Set<String> answered = ConcurrentHashMap.newKeySet();

    @Test
    void no_request_that_came_in_is_lost() throws Exception {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(OrdersApplication.class)
                .properties(
                        "server.port=0",
                        "spring.main.banner-mode=off",
                        "spring.lifecycle.timeout-per-shutdown-phase=1m",
                        "pgmanaged.conninfo=" + DB.conninfo())
                .run();
        Set<String> accepted = context.getBean(OrdersApplication.Controller.class).accepted;
        ManagedConnection manager = context.getBean(ManagedConnection.class);
        int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);

        List<Future<?>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            int number = client;
            clients.add(Elsewhere.run(() -> sendUntilRefused(port, "client" + number + "-")));
        }
        await().atMost(1, TimeUnit.MINUTES)
                .until(() -> answered.size() >= CLIENTS && manager.waiters().count() >= CLIENTS / 2);
        Elsewhere.run(context::close).get(1, TimeUnit.MINUTES);
        for (Future<?> client : clients) {
            client.get(1, TimeUnit.MINUTES);
        }

        assertThat(answered).containsExactlyInAnyOrderElementsOf(accepted);
        assertThat(placed()).containsExactlyInAnyOrderElementsOf(answered);
        assertThat(manager.isOpen()).isFalse();
        await().atMost(1, TimeUnit.MINUTES)
                .untilAsserted(() -> assertThat(DB.sessions()).isZero());
    }

    private void sendUntilRefused(int port, String prefix) {
        try {
            for (int i = 0; ; i++) {
                String key = prefix + i;
                if (post(port, key).startsWith("HTTP/1.1 200")) {
                    answered.add(key);
                }
            }
        } catch (IOException e) { // the server takes no more, or cut a connection that it had not taken yet
            return;
        }
    }

    /** On a connection of its own. */
    private static String post(int port, String key) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String request = "POST /orders/" + key + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                    + "Connection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            if (answer.isEmpty()) {
                throw new IOException("no answer");
            }
            return answer;
        }
    }

    private static Set<String> placed() throws SQLException {
        Set<String> keys = new TreeSet<>();
        try (Statement statement = DB.admin().createStatement();
                ResultSet rows = statement.executeQuery("SELECT key FROM example")) {
            while (rows.next()) {
                keys.add(rows.getString(1));
            }
        }
        return keys;
    }
}
