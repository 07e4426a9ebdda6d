package io.github.pgmanaged.conninfo.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgmanaged.conninfo.Ask;
import io.github.pgmanaged.conninfo.ConnectFailedException;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.RealServer;
import io.github.pgmanaged.conninfo.Sources;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.condition.OS;

/** Virtual threads over Unix-domain sockets. They are started by reflection, since this is compiled for 17. */
@EnabledForJreRange(min = JRE.JAVA_21)
@DisabledOnOs(OS.WINDOWS)
@Timeout(300)
class VirtualThreadsTest {
    private static final int AT_A_TIME = 20;

    private static RealServer server;

    private final Semaphore permits = new Semaphore(AT_A_TIME);
    private ExecutorService threads;

    @BeforeAll
    static void start() throws IOException {
        server = RealServer.start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void virtualThreads() throws ReflectiveOperationException {
        threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void ten_thousand_threads_share_twenty_connections_and_each_gets_its_own_answer() throws Exception {
        ConcurrentLinkedQueue<Connection> connections = new ConcurrentLinkedQueue<>();
        try {
            for (int i = 0; i < AT_A_TIME; i++) {
                connections.add(source().getConnection());
            }
            assertRightAnswers(10_000, n -> {
                Connection connection = connections.remove();
                try {
                    return Ask.one(connection, "SELECT " + n);
                } finally {
                    connections.add(connection);
                }
            });
        } finally {
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }

    @Test
    void a_thousand_threads_open_a_connection_each() throws Exception {
        LibpqDataSource source = source();
        assertRightAnswers(1_000, n -> Ask.one(source, "SELECT " + n));
    }

    @Test
    void threads_that_wait_for_the_server_do_not_keep_the_one_that_they_wait_for_from_running() throws Exception {
        LibpqDataSource source = source();
        try (Connection holder = source.getConnection()) {
            Ask.one(holder, "SELECT pg_advisory_lock(1)");
            List<Future<String>> waiting = new ArrayList<>();
            // One after the other, so that each opens its connection while all before it wait.
            for (int i = 1; i <= AT_A_TIME; i++) {
                waiting.add(threads.submit(() -> Ask.one(source, "SELECT pg_advisory_lock_shared(1)")));
                String count = Integer.toString(i);
                await().atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> server.ask("SELECT count(*) FROM pg_locks WHERE NOT granted"), count::equals);
            }
            threads.submit(() -> Ask.one(holder, "SELECT pg_advisory_unlock(1)"))
                    .get();
            for (Future<String> lock : waiting) {
                lock.get();
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_refused_connection_fails_at_once() {
        LibpqDataSource source = Sources.of("user=postgres host=@pgmanaged-nobody");
        assertThatThrownBy(() -> threads.submit(() -> source.getConnection()).get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ConnectFailedException.class)
                .hasMessageContaining("Connection refused");
    }

    @Test
    void an_abort_ends_a_read() throws Exception {
        try (Connection connection = source().getConnection()) {
            String pid = Ask.one(connection, "SELECT pg_backend_pid()");
            Future<String> answer = threads.submit(() -> Ask.one(connection, "SELECT pg_sleep(60)"));
            await().until(
                            () -> server.ask("SELECT wait_event FROM pg_stat_activity WHERE pid = " + pid),
                            "PgSleep"::equals);
            connection.abort(Runnable::run);
            assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(SQLException.class);
        }
    }

    @Test
    void an_interrupt_does_not_break_the_connection_off() throws Exception {
        try (Connection connection = source().getConnection()) {
            Future<String> answer = threads.submit(() -> {
                Thread.currentThread().interrupt();
                return Ask.one(connection, "SELECT 'answer'") + " " + Thread.interrupted();
            });
            assertThat(answer.get()).isEqualTo("answer true");
            assertThat(Ask.one(connection, "SELECT 'still here'")).isEqualTo("still here");
        }
    }

    /** The question of one thread. */
    private interface Question {
        String ask(int n) throws SQLException;
    }

    private void assertRightAnswers(int count, Question question) throws Exception {
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int n = i;
            Callable<String> asking = () -> {
                permits.acquire();
                try {
                    return question.ask(n);
                } finally {
                    permits.release();
                }
            };
            answers.add(threads.submit(asking));
        }
        for (int i = 0; i < count; i++) {
            assertThat(answers.get(i).get()).isEqualTo(Integer.toString(i));
        }
    }

    private static LibpqDataSource source() {
        return Sources.of("user=postgres " + server.socket());
    }
}
