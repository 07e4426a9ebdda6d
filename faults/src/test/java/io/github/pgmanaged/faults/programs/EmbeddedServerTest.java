package io.github.pgmanaged.faults.programs;

import static io.github.pgmanaged.faults.programs.Sql.ask;
import static io.github.pgmanaged.faults.programs.Sql.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.testing.Elsewhere;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that needs nothing to be installed can be treated as badly as any. */
@Timeout(60)
class EmbeddedServerTest {
    private static Home home;
    private static PostgresServer server;

    @BeforeAll
    static void aServer() throws Exception {
        home = Home.make();
        server = PostgresServer.embedded(home, "server", "restart_after_crash = on");
    }

    @AfterAll
    static void noServer() throws Exception {
        home.close();
    }

    @Test
    void its_version_is_the_dependencys() throws Exception {
        assertThat(server.ask("SHOW server_version")).startsWith("18");
    }

    @Test
    void what_was_committed_is_there_after_a_restart_on_the_same_port() throws Exception {
        server.execute("CREATE TABLE IF NOT EXISTS kept (a int)", "INSERT INTO kept VALUES (1)");
        int port = server.port();
        server.stopImmediately();
        assertThatThrownBy(server::connect).isInstanceOf(SQLException.class);
        server.start();
        server.kill();
        server.start();
        assertThat(server.port()).isEqualTo(port);
        assertThat(server.ask("SELECT count(*) FROM kept")).isEqualTo("1");
    }

    @Test
    void a_backend_that_is_killed_takes_the_others_with_it() throws Exception {
        try (Connection killed = server.connect();
                Connection other = server.connect()) {
            Daemon.signal("KILL", pid(killed));
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThatThrownBy(() -> ask(other, "SELECT 1")).isInstanceOf(SQLException.class));
        }
        server.awaitReady();
        assertThat(server.ask("SELECT 1")).isEqualTo("1");
    }

    @Test
    void a_frozen_postmaster_lets_nobody_in_until_it_goes_on() throws Exception {
        try (Connection before = server.connect()) {
            server.freeze();
            CompletableFuture<String> late = Elsewhere.call(() -> server.ask("SELECT 1"));
            Awaitility.await().during(Duration.ofMillis(300)).until(() -> !late.isDone());
            assertThat(ask(before, "SELECT 1")).isEqualTo("1");
            server.goOn();
            assertThat(late.get(10, TimeUnit.SECONDS)).isEqualTo("1");
        }
    }
}
