package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.LogCapture;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.geometric.PGpoint;

/** A session is opened when a lease wants one, and only a good one is. */
class OpeningTest {
    /** What a server has for its answer, however little time the acquisition has. */
    private static final Duration SHORTEST_VALIDATION = Duration.ofMillis(100);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @Test
    void the_first_lease_opens_the_session_and_says_so_in_the_log() throws SQLException {
        ManagedConnection manager = DB.manager();
        try (LogCapture log = new LogCapture()) {
            manager.acquire().close();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(log.at(Level.DEBUG))
                            .anyMatch(e -> e.getFormattedMessage().startsWith("Connecting to ManagedConnection[")));
        }
        assertThat(manager.isOpen()).isTrue();
        Awaitility.await("those of tests before have ended").until(() -> DB.sessions() == 1);
    }

    @Test
    void a_session_that_the_server_closed_while_idle_is_reopened_unnoticed() throws SQLException {
        ManagedConnection manager =
                DB.closing(DB.builder().validateAfterIdle(Duration.ZERO).build());
        int before = pid(manager);
        DB.kill(before);

        manager.useTransaction(lease -> insert(lease, "a"));

        assertThat(pid(manager)).isNotEqualTo(before);
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(manager.stats().opened()).isEqualTo(2);
        assertThat(manager.stats().closed()).isEqualTo(1);
    }

    @Test
    void a_good_session_is_not_lost_to_somebodys_haste() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection manager = DB.closing(ManagedConnection.builder(proxy.source())
                .validateAfterIdle(Duration.ZERO)
                .build());
        int before = pid(manager);
        for (int i = 0; i < 20; i++) {
            long begun = System.nanoTime();
            Throwable told =
                    catchThrowable(() -> manager.acquire(Duration.ofNanos(1)).close());
            boolean inTime = System.nanoTime() - begun < SHORTEST_VALIDATION.toNanos();
            int after = pid(manager);
            if (inTime) { // else the machine stood still for longer than the server has at least
                assertThat(told).isNull();
                assertThat(after).isEqualTo(before);
            }
            before = after;
        }
    }

    @Test
    void validation_comes_only_after_the_idle_time() throws SQLException {
        ManagedConnection manager =
                DB.closing(DB.builder().validateAfterIdle(Duration.ofDays(1)).build());
        int before = pid(manager);
        DB.kill(before);

        assertThat(state(() -> manager.useTransaction(lease -> insert(lease, "a"))))
                .isEqualTo("57P01");

        assertThat(pid(manager)).isNotEqualTo(before);
    }

    @Test
    void a_server_that_cannot_be_reached_is_an_error_and_the_next_lease_tries_again() throws SQLException {
        AtomicInteger attempts = new AtomicInteger();
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    if (attempts.getAndIncrement() == 0) {
                        throw new SQLException("not yet", "08001");
                    }
                    return DB.source().getConnection();
                }))
                .build());
        assertThatThrownBy(manager::acquire).hasMessage("not yet");
        assertThat(manager.isOpen()).isFalse();
        manager.useTransaction(lease -> insert(lease, "a"));
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void a_source_that_gives_nothing_or_something_else_is_an_error_and_what_it_gave_is_closed() {
        ManagedConnection nothing =
                DB.closing(ManagedConnection.builder(DataSources.of(() -> null)).build());
        assertThatThrownBy(nothing::acquire).hasMessageContaining("gave no connection");

        boolean[] closed = new boolean[1];
        Connection foreign = (Connection) Proxy.newProxyInstance(
                OpeningTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    closed[0] |= method.getName().equals("close");
                    return method.getReturnType() == boolean.class ? false : null;
                });
        ManagedConnection other = DB.closing(
                ManagedConnection.builder(DataSources.of(() -> foreign)).build());
        assertThatThrownBy(other::acquire).hasMessageContaining("not a connection of pgjdbc");
        assertThat(closed[0]).isTrue();
    }

    @Test
    void a_source_that_gives_a_connection_in_a_transaction_is_an_error() {
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    Connection connection = DB.source().getConnection();
                    execute(connection, "BEGIN");
                    return connection;
                }))
                .build());
        assertThatThrownBy(manager::acquire).hasMessageContaining("transaction in progress");
        Awaitility.await().until(() -> DB.sessions() == 0);
    }

    @Test
    void what_a_source_left_uncommitted_is_not_committed_by_opening() throws SQLException {
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    Connection connection = DB.source().getConnection();
                    connection.setAutoCommit(false);
                    insert(connection, "theirs");
                    return connection;
                }))
                .build());
        assertThatThrownBy(manager::acquire).hasMessageContaining("transaction in progress");
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_source_that_gives_connections_without_autocommit_is_fine() throws SQLException {
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    Connection connection = DB.source().getConnection();
                    connection.setAutoCommit(false);
                    return connection;
                }))
                .build());
        manager.useTransaction(lease -> insert(lease, "a"));
        assertThat(DB.rows()).isEqualTo(1);
    }

    // --- the hook -----------------------------------------------------------------------------------------------

    @Test
    void the_hook_runs_once_for_each_session_before_its_first_lease() throws SQLException {
        AtomicInteger runs = new AtomicInteger();
        ManagedConnection manager = DB.closing(DB.builder()
                .onOpen(connection -> {
                    runs.incrementAndGet();
                    assertThat(connection.getAutoCommit()).isTrue();
                    execute(connection, "SET statement_timeout = '12s'");
                    connection.unwrap(org.postgresql.PGConnection.class).addDataType("point", PGpoint.class);
                })
                .build());
        for (int i = 0; i < 3; i++) {
            manager.useTransaction(
                    lease -> assertThat(query(lease, "SHOW statement_timeout")).isEqualTo("12s"));
        }
        assertThat(runs).hasValue(1);
        manager.reset();
        manager.acquire().close();
        assertThat(runs).hasValue(2);
    }

    @Test
    void a_hook_that_throws_makes_the_opening_fail_and_leaves_no_session() {
        IllegalStateException boom = new IllegalStateException("boom");
        ManagedConnection manager = DB.closing(DB.builder()
                .onOpen(connection -> {
                    throw boom;
                })
                .build());
        assertThatThrownBy(manager::acquire)
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("onOpen hook")
                .hasCause(boom);
        assertThat(manager.isOpen()).isFalse();
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThatThrownBy(manager::acquire).as("the turn was given back").hasCause(boom);
    }

    @Test
    void a_hook_that_leaves_a_transaction_open_makes_the_opening_fail_and_leaves_no_session() throws SQLException {
        for (Action<SQLException> hook : java.util.List.<Action<SQLException>>of(
                connection -> {
                    connection.setAutoCommit(false);
                    insert(connection, "a");
                },
                connection -> {
                    execute(connection, "BEGIN");
                    insert(connection, "a");
                })) {
            ManagedConnection manager = DB.closing(DB.builder().onOpen(hook).build());
            assertThatThrownBy(manager::acquire).hasMessageContaining("left a transaction open");
            assertThat(manager.isOpen()).isFalse();
        }
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_hook_that_asks_for_a_lease_is_told_at_once() throws SQLException {
        ManagedConnection[] manager = new ManagedConnection[1];
        manager[0] = DB.closing(
                DB.builder().onOpen(connection -> manager[0].acquire()).build());
        assertThatThrownBy(manager[0]::acquire).hasCauseInstanceOf(ReentrantAcquireException.class);
    }

    @Test
    void a_hook_cannot_keep_its_connection() throws SQLException {
        Lease[] kept = new Lease[1];
        ManagedConnection manager = DB.closing(
                DB.builder().onOpen(connection -> kept[0] = connection).build());
        manager.acquire().close();
        assertThat(state(() -> kept[0].createStatement())).isEqualTo("08003");
    }

    @Test
    void a_hook_that_ends_its_session_makes_the_opening_fail() {
        ManagedConnection manager = DB.closing(DB.builder()
                .onOpen(connection -> connection.abort(Runnable::run))
                .build());
        assertThatThrownBy(manager::acquire).hasMessageContaining("closed the session");
    }

    @Test
    void a_hook_that_makes_the_session_read_only_counts_for_more_than_target_session_attrs() throws SQLException {
        ManagedConnection manager = DB.closing(ManagedConnection.builder(writable())
                .validateAfterIdle(Duration.ZERO)
                .onOpen(connection -> execute(connection, "SET default_transaction_read_only = on"))
                .build());
        assertThat(pid(manager)).isEqualTo(pid(manager));
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void a_session_on_which_somebody_else_began_a_transaction_is_not_handed_over() throws SQLException {
        Connection[] kept = new Connection[1];
        ManagedConnection manager = DB.closing(ManagedConnection.builder(
                        DataSources.of(() -> kept[0] = DB.source().getConnection()))
                .validateAfterIdle(Duration.ofDays(1))
                .build());
        int before = pid(manager);
        execute(kept[0], "BEGIN");
        insert(kept[0], "theirs");
        try (Lease lease = manager.acquire()) {
            assertThat(lease.status()).isEqualTo(TransactionStatus.IDLE);
            assertThat(pid(lease)).isNotEqualTo(before);
            lease.commit();
        }
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_session_whose_validation_shows_a_transaction_is_not_handed_over() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection manager = DB.closing(ManagedConnection.builder(proxy.source())
                .validateAfterIdle(Duration.ZERO)
                .build());
        int before = pid(manager);
        proxy.sayInTransaction();
        assertThat(pid(manager)).isNotEqualTo(before);
    }

    @Test
    void a_session_that_is_not_what_target_session_attrs_asks_for_any_more_is_given_up() throws SQLException {
        ManagedConnection manager = DB.closing(ManagedConnection.builder(writable())
                .validateAfterIdle(Duration.ZERO)
                .sessionReset(SessionReset.JDBC_SETTINGS) // in place of a server that has changed
                .autoCommit(true)
                .build());
        int before = pid(manager);
        manager.useConnection(lease -> execute(lease, "SET default_transaction_read_only = on"));
        assertThat(pid(manager)).isNotEqualTo(before);
        Awaitility.await("the old one is closed").until(() -> DB.sessions() == 1);
    }

    @Test
    void a_session_that_refused_to_write_is_asked_at_the_release_what_it_is() throws SQLException {
        ManagedConnection manager = DB.closing(ManagedConnection.builder(writable())
                .validateAfterIdle(Duration.ofDays(1))
                .autoCommit(true)
                .build());
        manager.useConnection(lease -> {
            execute(lease, "SET default_transaction_read_only = on");
            assertThat(state(() -> insert(lease, "a"))).isEqualTo("25006");
        });
        assertThat(manager.isOpen()).isFalse();
        manager.useConnection(lease -> {
            execute(lease, "BEGIN READ ONLY");
            assertThat(state(() -> insert(lease, "a"))).isEqualTo("25006");
            execute(lease, "ROLLBACK");
        });
        assertThat(manager.isOpen()).as("this was the transaction's own wish").isTrue();
    }

    private static String writable() {
        String conninfo = DB.conninfo();
        return conninfo.startsWith("postgres") || conninfo.startsWith("jdbc")
                ? conninfo + (conninfo.indexOf('?') < 0 ? '?' : '&') + "target_session_attrs=read-write"
                : conninfo + " target_session_attrs=read-write";
    }
}
