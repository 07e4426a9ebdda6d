package io.github.pgmanaged.faults.proxy;

import static io.github.pgmanaged.faults.programs.Sql.ask;
import static io.github.pgmanaged.faults.programs.Sql.execute;
import static io.github.pgmanaged.faults.programs.Sql.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.testing.Elsewhere;
import java.net.SocketException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The proxy strikes when and how it says. */
@Timeout(60)
class FaultProxyTest {
    private static Home home;
    private static PostgresServer server;

    private FaultProxy proxy;

    @BeforeAll
    static void aServer() throws Exception {
        home = Home.make();
        server = PostgresServer.embedded(home, "server");
        server.execute("CREATE TABLE example (key text)");
    }

    @AfterAll
    static void noServer() throws Exception {
        home.close();
    }

    @BeforeEach
    void aProxy() throws Exception {
        server.execute("TRUNCATE example");
        proxy = proxy(server.port());
    }

    FaultProxy proxy(int serverPort) throws Exception {
        return new FaultProxy(serverPort);
    }

    @AfterEach
    void noProxy() throws Exception {
        proxy.close();
        Awaitility.await("the server's side of the lines is gone")
                .until(
                        () -> server.ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'postgres'"
                                + " AND backend_type = 'client backend'"),
                        "1"::equals);
    }

    FaultProxy proxy() {
        return proxy;
    }

    static PostgresServer server() {
        return server;
    }

    Connection connect() throws SQLException {
        return new LibpqDataSource(proxy.conninfo("postgres", "postgres")).getConnection();
    }

    private static String rows() throws SQLException {
        return server.ask("SELECT count(*) FROM example");
    }

    /** A transaction's COMMIT is the first that the session sends, or one that it only mentions by its name. */
    private Connection inTransaction(int commitsBefore) throws SQLException {
        Connection connection = connect();
        connection.setAutoCommit(false);
        for (int i = 0; i < commitsBefore; i++) {
            execute(connection, "SELECT 1");
            connection.commit();
        }
        execute(connection, "INSERT INTO example VALUES ('a')");
        return connection;
    }

    @Test
    void without_a_strike_everything_passes() throws SQLException {
        try (Connection connection = connect()) {
            assertThat(ask(connection, "SELECT length(repeat('x', 1000000))")).isEqualTo("1000000");
            assertThat(ask(connection, "SELECT repeat('x', 1000000)")).hasSize(1_000_000);
            execute(connection, "INSERT INTO example VALUES (repeat('x', 1000000))");
            assertThat(rows()).isEqualTo("1");
        }
        Awaitility.await("a line that both sides have left is gone").until(() -> proxy.lines() == 0);
    }

    @Test
    void encryption_is_declined() throws Exception {
        try (FaultProxy plain = new FaultProxy(server.port());
                Connection connection = new LibpqDataSource(
                                plain.conninfo("postgres", "postgres").replace("sslmode=disable", "sslmode=prefer"))
                        .getConnection()) {
            assertThat(pid(connection)).isPositive();
        }
    }

    @Test
    void a_cancel_request_passes() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            CompletableFuture<Throwable> sleeper =
                    Elsewhere.call(() -> catchThrowable(() -> statement.execute("SELECT pg_sleep(60)")));
            Awaitility.await()
                    .until(
                            () -> server.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"),
                            "1"::equals);
            statement.cancel();
            assertThat(sleeper.get(10, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CUT", "RESET", "HALF_CLOSE"})
    void a_line_ends_and_the_next_one_is_sound(Trouble trouble) throws SQLException {
        try (Connection connection = connect()) {
            execute(connection, "SELECT 1");
            proxy.strike(trouble);
            assertThatThrownBy(() -> execute(connection, "SELECT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));
        }
        try (Connection next = connect()) {
            assertThat(pid(next)).isPositive();
        }
    }

    @Test
    void a_reset_is_told_from_an_end() throws SQLException {
        try (Connection connection = connect()) {
            proxy.strike(Trouble.RESET);
            assertThatThrownBy(() -> execute(connection, "SELECT 1")).hasRootCauseInstanceOf(SocketException.class);
        }
    }

    @Test
    void half_closed_the_server_still_hears_the_client() throws SQLException {
        try (Connection connection = connect()) {
            proxy.strikeAt(Moment.before(Message.running("INSERT")), Trouble.HALF_CLOSE);
            assertThatThrownBy(() -> execute(connection, "INSERT INTO example VALUES ('a')"))
                    .isInstanceOf(SQLException.class);
            Awaitility.await().until(FaultProxyTest::rows, "1"::equals);
        }
    }

    @Test
    void stalled_nothing_passes_until_it_is_healed() throws Exception {
        try (Connection connection = connect()) {
            proxy.strikeAt(Moment.after(Message.running("INSERT")), Trouble.STALL);
            CompletableFuture<Throwable> insert =
                    Elsewhere.call(() -> catchThrowable(() -> execute(connection, "INSERT INTO example VALUES ('a')")));
            Awaitility.await().during(Duration.ofMillis(300)).until(() -> !insert.isDone());
            try (Connection next = connect()) {
                assertThat(pid(next)).isPositive();
            }
            connection.abort(Runnable::run);
            Awaitility.await("not even the client's end passes")
                    .during(Duration.ofMillis(300))
                    .until(
                            () -> server.ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'INSERT%'"),
                            "1"::equals);
            proxy.heal();
            assertThat(insert.get(10, TimeUnit.SECONDS)).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void delayed_everything_is_late() throws SQLException {
        try (Connection connection = connect()) {
            proxy.strike(Trouble.DELAY);
            long began = System.nanoTime();
            assertThat(ask(connection, "SELECT 1")).isEqualTo("1");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Trouble.LATE.multipliedBy(2));
        }
    }

    @Test
    void dripping_everything_comes_in_the_end() throws SQLException {
        try (Connection connection = connect()) {
            proxy.strikeAt(Moment.before(Message.answer('Z')), Trouble.DRIP);
            long began = System.nanoTime();
            assertThat(ask(connection, "SELECT 1")).isEqualTo("1");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Trouble.APART.multipliedBy(6));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CUT", "RESET"})
    void before_a_commit_nothing_is_committed_and_after_it_everything(Trouble trouble) throws SQLException {
        for (int commitsBefore : new int[] {0, 1, 10}) {
            try (Connection connection = inTransaction(commitsBefore)) {
                proxy.strikeAt(Moment.before(Message.running("COMMIT")), trouble);
                assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
            }
            try (Connection connection = inTransaction(commitsBefore)) {
                proxy.strikeAt(Moment.within(Message.running("COMMIT"), 3), trouble);
                assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
            }
            assertThat(rows()).isEqualTo("0");
            try (Connection connection = inTransaction(commitsBefore)) {
                proxy.strikeAt(Moment.after(Message.running("COMMIT")), trouble);
                assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
            }
            Awaitility.await().until(FaultProxyTest::rows, "1"::equals);
            server.execute("TRUNCATE example");
        }
    }

    @Test
    void a_strike_may_hit_an_opening_or_a_goodbye() throws SQLException {
        proxy.strikeAt(Moment.before(Message.startup()), Trouble.CUT);
        assertThatThrownBy(this::connect).isInstanceOf(SQLException.class);
        proxy.strikeAt(Moment.before(Message.answer('Z')), Trouble.CUT);
        assertThatThrownBy(this::connect).isInstanceOf(SQLException.class);
        Connection connection = connect();
        proxy.strikeAt(Moment.before(Message.terminate()), Trouble.STALL);
        connection.close();
        Awaitility.await("the server does not learn that the client has gone")
                .during(Duration.ofMillis(300))
                .until(() -> proxy.lines() == 1);
        proxy.heal();
    }

    @Test
    void a_repeated_strike_hits_every_line_until_it_is_healed() throws SQLException {
        proxy.strikeAlwaysAt(Moment.before(Message.startup()), Trouble.CUT);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(this::connect).isInstanceOf(SQLException.class);
        }
        proxy.heal();
        try (Connection connection = connect()) {
            assertThat(pid(connection)).isPositive();
        }
    }

    @Test
    void a_fetch_from_a_cursor_is_known_by_its_statement() throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            AtomicInteger fetches = new AtomicInteger();
            proxy.strikeAlwaysAt(Moment.before(Message.running("generate_series")), line -> fetches.incrementAndGet());
            List<Integer> seen = new ArrayList<>();
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(2);
                try (ResultSet rows = statement.executeQuery("SELECT generate_series(1, 5)")) {
                    while (rows.next()) {
                        seen.add(rows.getInt(1));
                    }
                }
            }
            assertThat(seen).containsExactly(1, 2, 3, 4, 5);
            assertThat(fetches).hasValue(3);
        }
    }

    @Test
    void a_strike_may_do_anything_with_the_server_while_the_line_waits() throws Exception {
        try (Connection connection = inTransaction(0)) {
            int pid = pid(connection);
            List<Integer> struck = new ArrayList<>();
            proxy.strikeAt(Moment.before(Message.running("COMMIT")), line -> {
                struck.add(line.backend());
                server.execute("SELECT pg_terminate_backend(" + line.backend() + ", 5000)");
            });
            assertThatThrownBy(connection::commit)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isIn("57P01", "08006"));
            assertThat(struck).containsExactly(pid);
        }
        assertThat(rows()).isEqualTo("0");
    }

    @Test
    void a_strike_that_fails_is_told_when_the_proxy_is_closed() throws Exception {
        FaultProxy failing = proxy(server.port());
        failing.strikeAt(Moment.before(Message.startup()), line -> {
            throw new SQLException("no such strike");
        });
        assertThatThrownBy(() -> new LibpqDataSource(failing.conninfo("postgres", "postgres")).getConnection())
                .isInstanceOf(SQLException.class);
        assertThatThrownBy(failing::close).hasRootCauseMessage("no such strike");
    }
}
