package io.github.pgmanaged.faults.pgbouncer;

import static io.github.pgmanaged.faults.programs.Sql.execute;
import static io.github.pgmanaged.faults.programs.Sql.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.faults.failover.Books;
import io.github.pgmanaged.faults.failover.Writers;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a manager promises holds behind PgBouncer, in both modes. */
class PromisesTest extends BehindPgBouncer {
    @ParameterizedTest
    @EnumSource
    void the_server_says_whether_a_transaction_is_open_and_nothing_is_committed_by_letting_go(PgBouncer.Mode mode)
            throws Exception {
        ManagedConnection manager =
                closing(builder(bouncer(mode)).autoCommit(true).build());

        assertThatThrownBy(() -> manager.useConnection(lease -> {
                    execute(lease, "BEGIN");
                    execute(lease, "INSERT INTO example VALUES ('a')");
                    assertThat(lease.status()).isEqualTo(TransactionStatus.IN_TRANSACTION);
                }))
                .isInstanceOf(OpenTransactionException.class)
                .hasMessageContaining("BEGIN");
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);

        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    execute(lease, "INSERT INTO example VALUES ('b')");
                    assertThatThrownBy(() -> execute(lease, "SELECT 1 / 0")).isInstanceOf(SQLException.class);
                    assertThat(lease.status()).isEqualTo(TransactionStatus.IN_ERROR);
                }))
                .isInstanceOf(SQLTransactionRollbackException.class);

        manager.useTransaction(lease -> execute(lease, "INSERT INTO example VALUES ('c')"));
        assertThat(server.ask("SELECT string_agg(key, ',') FROM example")).isEqualTo("c");
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void a_call_of_another_thread_is_cancelled_at_the_release(PgBouncer.Mode mode) throws Exception {
        ManagedConnection manager = closing(builder(bouncer(mode)).build());
        Lease lease = manager.acquire();
        execute(lease, "INSERT INTO example VALUES ('a')");
        CompletableFuture<Throwable> other =
                Elsewhere.call(() -> catchThrowable(() -> execute(lease, "SELECT pg_sleep(600)")));
        Awaitility.await()
                .until(
                        () -> server.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"),
                        "1"::equals);

        assertThatThrownBy(lease::close).isInstanceOf(OpenTransactionException.class);

        assertThat(other.get(10, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        manager.useTransaction(next -> execute(next, "INSERT INTO example VALUES ('b')"));
        assertThat(server.ask("SELECT string_agg(key, ',') FROM example")).isEqualTo("b");
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void a_query_timeout_cancels(PgBouncer.Mode mode) throws Exception {
        ManagedConnection manager = closing(builder(bouncer(mode)).build());
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    try (Statement statement = lease.createStatement()) {
                        statement.setQueryTimeout(1);
                        statement.execute("SELECT pg_sleep(600)");
                    }
                }))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        manager.useTransaction(lease -> execute(lease, "INSERT INTO example VALUES ('a')"));
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void a_backend_that_is_terminated_in_a_transaction_is_told_and_the_next_lease_works(PgBouncer.Mode mode)
            throws Exception {
        ManagedConnection manager = closing(builder(bouncer(mode)).build());
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    execute(lease, "INSERT INTO example VALUES ('a')");
                    assertThat(server.ask("SELECT pg_terminate_backend(" + pid(lease) + ", 5000)"))
                            .isEqualTo("t");
                    execute(lease, "INSERT INTO example VALUES ('b')");
                }))
                .isInstanceOf(SQLException.class);
        manager.useTransaction(lease -> execute(lease, "INSERT INTO example VALUES ('c')"));
        assertThat(server.ask("SELECT string_agg(key, ',') FROM example")).isEqualTo("c");
    }

    @ParameterizedTest
    @EnumSource
    void a_backend_that_is_terminated_between_leases_is_replaced_unnoticed(PgBouncer.Mode mode) throws Exception {
        ManagedConnection manager =
                closing(builder(bouncer(mode)).validateAfterIdle(Duration.ZERO).build());
        int before = manager.<Integer, SQLException>inTransaction(lease -> pid(lease));
        assertThat(server.ask("SELECT pg_terminate_backend(" + before + ", 5000)"))
                .isEqualTo("t");
        int after = manager.<Integer, SQLException>inTransaction(lease -> pid(lease));
        assertThat(after).isNotEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void a_writable_server_can_be_asked_for(PgBouncer.Mode mode) throws Exception {
        PgBouncer bouncer = bouncer(mode);
        try (ManagedConnection writable =
                ManagedConnection.of(bouncer.conninfo() + " target_session_attrs=read-write")) {
            writable.useTransaction(lease -> execute(lease, "INSERT INTO example VALUES ('a')"));
        }
        try (ManagedConnection standby = ManagedConnection.of(bouncer.conninfo() + " target_session_attrs=standby")) {
            assertThatThrownBy(standby::acquire).hasMessageContaining("server is not in hot standby mode");
        }
        assertThat(rows()).isEqualTo("1");
    }

    @ParameterizedTest
    @EnumSource
    void writing_goes_on_after_a_restart_of_pgbouncer_and_nothing_acknowledged_is_lost(PgBouncer.Mode mode)
            throws Exception {
        server.execute("DROP TABLE IF EXISTS written", Writers.TABLE);
        PgBouncer bouncer = bouncer(mode);
        try (ManagedConnection manager = builder(bouncer).verifyCommits(true).build();
                Writers writers = new Writers(manager, 4)) {
            writers.awaitProgress(Duration.ofSeconds(10));
            bouncer.kill();
            bouncer.start();
            writers.awaitProgress(Duration.ofSeconds(10));
            writers.stop();
            // What the killed one left behind ends when the server notices.
            Awaitility.await()
                    .until(
                            () -> server.ask("SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle'"
                                    + " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"),
                            "0"::equals);
            assertThat(writers.unknown()).as("the server is asked, and knows").isEmpty();
            try (Connection connection = server.connect()) {
                Books.balance(writers, connection);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void closing_the_manager_gives_the_servers_connection_back(PgBouncer.Mode mode) throws Exception {
        PgBouncer bouncer = bouncer(mode, "default_pool_size = 1");
        ManagedConnection first = closing(builder(bouncer).build());
        int before = first.<Integer, SQLException>inTransaction(lease -> pid(lease));
        first.close();
        ManagedConnection second = closing(builder(bouncer).build());
        assertThat(second.<Integer, SQLException>inTransaction(lease -> pid(lease)))
                .isEqualTo(before);
    }
}
