package io.github.pgmanaged.conninfo.internal.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.pgmanaged.conninfo.Ask;
import io.github.pgmanaged.conninfo.ConnectFailedException;
import io.github.pgmanaged.conninfo.ConnectFailedException.Attempt;
import io.github.pgmanaged.conninfo.FakeServer;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.RealServer;
import io.github.pgmanaged.conninfo.Sources;
import io.github.pgmanaged.testing.ClosedPort;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which servers are tried, in which order, and when no other is. */
@Timeout(120)
class HostsTest {
    private static final String WHERE = "SELECT coalesce(host(inet_server_addr()), 'socket')";
    private static final String STARTING = "57P03";

    private static RealServer server;
    private static ClosedPort closed;

    @BeforeAll
    static void start() throws IOException {
        server = RealServer.start();
        closed = new ClosedPort();
    }

    @AfterAll
    static void stop() throws IOException {
        closed.close();
        server.close();
    }

    @Test
    void a_host_that_nobody_listens_on_is_passed_over() throws SQLException {
        assertReached(hosts("127.0.0.1,127.0.0.1", closed.port(), server.port()));
    }

    @Test
    void a_name_that_does_not_resolve_is_passed_over() throws SQLException {
        assertReached(hosts("name.invalid,127.0.0.1", 5432, server.port()));
    }

    @Test
    void a_socket_that_is_too_long_and_one_that_is_not_there_are_passed_over() throws SQLException {
        assertReached(hosts("/" + "d".repeat(120) + ",/no/such/directory,127.0.0.1", 1, 1, server.port()));
    }

    @Test
    void a_server_that_is_starting_up_is_passed_over() throws Exception {
        try (FakeServer starting = FakeServer.refusing(STARTING, "the database system is starting up")) {
            assertReached(hosts("127.0.0.1,127.0.0.1", starting.port(), server.port()));
            ConnectFailedException failure = failure(hosts("127.0.0.1,127.0.0.1", starting.port(), closed.port()));
            assertThat(failure.attempts()).hasSize(2);
            ConnectFailedException last = failure(hosts("127.0.0.1,127.0.0.1", closed.port(), starting.port()));
            assertThat(last.getSQLState()).isEqualTo(STARTING);
            assertThat(last.getMessage())
                    .endsWith("port " + starting.port() + " failed: FATAL: the database system is starting up");
        }
    }

    @Test
    void a_server_that_refuses_is_the_end_of_it() throws Exception {
        for (String sqlState : List.of("28000", "28P01", "3D000", "53300", "57P01")) {
            try (FakeServer refusing = FakeServer.refusing(sqlState, "go away")) {
                ConnectFailedException failure =
                        failure("sslmode=disable " + hosts("127.0.0.1,127.0.0.1", refusing.port(), server.port()));
                assertThat(failure.attempts()).as(sqlState).hasSize(1);
                assertThat(failure.getSQLState()).isEqualTo(sqlState);
                assertThat(failure.getMessage())
                        .isEqualTo("connection to server at \"127.0.0.1\", port " + refusing.port()
                                + " failed: FATAL: go away");
                assertThat(refusing.visits()).isEqualTo(1);
            }
        }
    }

    @Test
    void a_real_server_that_has_no_such_database_is_the_end_of_it() {
        ConnectFailedException failure =
                failure("user=postgres dbname=nowhere host=127.0.0.1,127.0.0.1 port=" + server.port());
        assertThat(failure.attempts()).hasSize(1);
        assertThat(failure.getSQLState()).isEqualTo("3D000");
    }

    @Test
    void a_server_that_hangs_up_is_the_end_of_it() throws Exception {
        try (FakeServer fake = FakeServer.hangingUp()) {
            ConnectFailedException failure = failure(hosts("127.0.0.1,127.0.0.1", fake.port(), server.port()));
            assertThat(failure.attempts()).hasSize(1);
            assertThat(failure.getSQLState()).isEqualTo("08001");
            assertThat(fake.visits()).isEqualTo(1);
        }
    }

    @Test
    void a_server_that_says_nothing_is_left_when_connect_timeout_is_over() throws Exception {
        try (FakeServer silent = FakeServer.silent()) {
            long began = System.nanoTime();
            // Each host has the time, and the second one needs some on a busy machine.
            assertReached("connect_timeout=3 " + hosts("127.0.0.1,127.0.0.1", silent.port(), server.port()));
            assertThat(since(began)).isBetween(Duration.ofMillis(2900), Duration.ofSeconds(20));
            ConnectFailedException failure = failure("connect_timeout=1 " + hosts("127.0.0.1", silent.port()));
            assertThat(failure.getMessage())
                    .isEqualTo("connection to server at \"127.0.0.1\", port " + silent.port()
                            + " failed: timeout expired");
            assertThat(failure.getSQLState()).isEqualTo("08001");
            await().atMost(Duration.ofSeconds(30)).until(() -> connecting().isEmpty());
        }
    }

    @Test
    void the_login_timeout_bounds_the_whole() throws Exception {
        try (FakeServer silent = FakeServer.silent()) {
            LibpqDataSource source = Sources.of("user=postgres host=127.0.0.1" + ",127.0.0.1".repeat(9) + " port="
                    + silent.port() + " connect_timeout=60");
            source.setLoginTimeout(1);
            long began = System.nanoTime();
            ConnectFailedException failure = catchThrowableOfType(ConnectFailedException.class, source::getConnection);
            assertThat(since(began)).isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
            assertThat(failure.attempts()).hasSizeLessThan(3);
            assertThat(failure.getSQLState()).isEqualTo("08001");
            await().atMost(Duration.ofSeconds(30)).until(() -> connecting().isEmpty());
        }
    }

    @Test
    void the_login_timeout_leaves_an_opened_connection_alone() throws SQLException {
        LibpqDataSource source = Sources.of("user=postgres " + server.tcp());
        source.setLoginTimeout(3);
        assertThat(Ask.one(source, "SELECT 'slow' FROM pg_sleep(3.5)")).isEqualTo("slow");
    }

    @Test
    void a_timeout_may_be_as_long_as_one_likes() throws SQLException {
        for (int seconds : new int[] {3_000_000, Integer.MAX_VALUE}) {
            LibpqDataSource source = Sources.of("user=postgres connect_timeout=" + seconds + " " + server.tcp());
            assertThat(Ask.one(source, WHERE)).isEqualTo("127.0.0.1");
            LibpqDataSource bounded = Sources.of("user=postgres " + server.socket());
            bounded.setLoginTimeout(seconds);
            assertThat(Ask.one(bounded, WHERE)).isEqualTo("socket");
        }
    }

    @Test
    void an_interrupt_ends_an_opening_that_has_a_timeout() throws Exception {
        try (FakeServer silent = FakeServer.silent()) {
            LibpqDataSource source = Sources.of("connect_timeout=60 " + hosts("127.0.0.1", silent.port()));
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            AtomicBoolean stillInterrupted = new AtomicBoolean();
            Thread opening = new Thread(() -> {
                thrown.set(catchThrowable(source::getConnection));
                stillInterrupted.set(Thread.currentThread().isInterrupted());
            });
            opening.start();
            await().until(() -> silent.visits() == 1);
            opening.interrupt();
            opening.join(30_000);
            assertThat(thrown.get()).isInstanceOf(ConnectFailedException.class);
            assertThat(stillInterrupted).isTrue();
        }
    }

    @Test
    void a_failure_can_be_serialized_without_its_attempts() throws Exception {
        ConnectFailedException failure = failure(hosts("127.0.0.1,/no/such/directory", closed.port(), 5432));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(failure);
        Object read = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        assertThat(read).isInstanceOfSatisfying(ConnectFailedException.class, e -> {
            assertThat(e.getMessage()).isEqualTo(failure.getMessage());
            assertThat(e.attempts()).isEmpty();
        });
    }

    @Test
    void when_all_fail_every_attempt_is_told_in_order() throws Exception {
        try (FakeServer starting = FakeServer.refusing(STARTING, "wait")) {
            ConnectFailedException failure = failure(hosts(
                    "localhost,name.invalid,/no/such/directory,127.0.0.1", closed.port(), 5432, 5432, starting.port()));
            String[] paragraphs = {
                "connection to server at \"localhost\" (127.0.0.1), port " + closed.port()
                        + " failed: Connection refused\n"
                        + "\tIs the server running on that host and accepting TCP/IP connections?",
                "could not translate host name \"name.invalid\" to address",
                "connection to server on socket \"/no/such/directory/.s.PGSQL.5432\" failed: No such file or directory\n"
                        + "\tIs the server running locally and accepting connections on that socket?",
                "connection to server at \"127.0.0.1\", port " + starting.port() + " failed: FATAL: wait"
            };
            assertThat(failure.attempts())
                    .extracting(Attempt::message)
                    .satisfiesExactly(
                            message -> assertThat(message).isEqualTo(paragraphs[0]),
                            message -> assertThat(message).startsWith(paragraphs[1]),
                            message -> assertThat(message).isEqualTo(paragraphs[2]),
                            message -> assertThat(message).isEqualTo(paragraphs[3]));
            assertThat(failure.attempts())
                    .extracting(attempt -> attempt.candidate().toString())
                    .containsExactly(
                            "localhost:" + closed.port(),
                            "name.invalid:5432",
                            "/no/such/directory/.s.PGSQL.5432",
                            "127.0.0.1:" + starting.port());
            assertThat(failure.attempts())
                    .extracting(attempt -> attempt.exception().getSQLState())
                    .containsExactly("08001", "08001", "08001", STARTING);
            assertThat(failure.getMessage())
                    .isEqualTo(failure.attempts().stream().map(Attempt::message).collect(Collectors.joining("\n")));
            assertThat(failure.getSQLState()).isEqualTo(STARTING);
            assertThat(failure.getCause()).isSameAs(failure.attempts().get(3).exception());
            assertThat(failure.getSuppressed())
                    .containsExactly(
                            failure.attempts().get(0).exception(),
                            failure.attempts().get(1).exception(),
                            failure.attempts().get(2).exception());
        }
    }

    @Test
    void an_address_is_dialled_whatever_the_host_is_called() throws SQLException {
        for (String name : List.of("name.invalid", "/no/such/directory", "a/b?sslmode=require", "@abstract")) {
            LibpqDataSource source = Sources.of(
                    "user=postgres dbname=postgres hostaddr=127.0.0.1 port=" + server.port() + " host='" + name + "'");
            assertThat(Ask.one(source, WHERE + " || ' ' || current_database()"))
                    .as(name)
                    .isEqualTo("127.0.0.1 postgres");
        }
        ConnectFailedException failure =
                failure("user=postgres host=name.invalid hostaddr=127.0.0.1 port=" + closed.port());
        assertThat(failure.getMessage())
                .startsWith("connection to server at \"127.0.0.1\", port " + closed.port() + " failed: ");
    }

    @Test
    void an_address_of_ipv6_is_told_as_libpq_writes_it() {
        for (String host : List.of("host=::1", "hostaddr=::1", "host=name.invalid hostaddr=::1")) {
            assertThat(failure("user=postgres " + host + " port=" + closed.port())
                            .getMessage())
                    .startsWith("connection to server at \"::1\", port " + closed.port() + " failed: ");
        }
        assertThat(failure("user=postgres host=0:0::0001 port=" + closed.port()).getMessage())
                .startsWith("connection to server at \"0:0::0001\" (::1), port " + closed.port() + " failed: ");
    }

    @Test
    void a_random_order_reaches_every_server_and_tries_all() throws SQLException {
        String list = "load_balance_hosts=random user=postgres dbname=postgres host=" + server.sockets()
                + ",127.0.0.1,127.0.0.1,/no/such/directory port=" + server.port() + "," + server.port() + ","
                + closed.port() + ",5432";
        LibpqDataSource source = Sources.of(list);
        Set<String> reached = new TreeSet<>();
        // Missing one of the two 60 times in a row is as good as impossible.
        for (int i = 0; i < 60; i++) {
            reached.add(Ask.one(source, WHERE));
        }
        assertThat(reached).containsExactly("127.0.0.1", "socket");
    }

    @Test
    void an_order_that_is_not_random_is_kept() throws SQLException {
        LibpqDataSource source = Sources.of(
                "user=postgres dbname=postgres host=" + server.sockets() + ",127.0.0.1 port=" + server.port());
        for (int i = 0; i < 20; i++) {
            assertThat(Ask.one(source, WHERE)).isEqualTo("socket");
        }
    }

    private static List<String> connecting() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("pgmanaged-connect"))
                .toList();
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static String hosts(String hosts, int... ports) {
        StringBuilder list = new StringBuilder();
        for (int port : ports) {
            list.append(list.length() == 0 ? "" : ",").append(port);
        }
        return "user=postgres dbname=postgres host=" + hosts + " port=" + list;
    }

    private static void assertReached(String conninfo) throws SQLException {
        assertThat(Ask.one(Sources.of(conninfo), WHERE)).isEqualTo("127.0.0.1");
    }

    private static ConnectFailedException failure(String conninfo) {
        return catchThrowableOfType(ConnectFailedException.class, Sources.of(conninfo)::getConnection);
    }
}
