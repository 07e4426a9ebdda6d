package io.github.pgmanaged.faults.pgbouncer;

import static io.github.pgmanaged.faults.programs.Sql.ask;
import static io.github.pgmanaged.faults.programs.Sql.execute;
import static io.github.pgmanaged.faults.programs.Sql.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.Action;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.SessionReset;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/**
 * In transaction mode each transaction may be on another connection of the server's, and what a session leaves there is
 * the next client's.
 */
class TransactionModeTest extends BehindPgBouncer {
    private static final String ONE = "default_pool_size = 1";
    private static final String TWO = "default_pool_size = 2";

    private PgBouncer bouncer(String size) throws Exception {
        return bouncer(PgBouncer.Mode.TRANSACTION, size);
    }

    private ManagedConnection manager(PgBouncer bouncer) {
        return closing(builder(bouncer).build());
    }

    private ManagedConnection uncleared(PgBouncer bouncer) {
        return closing(builder(bouncer).sessionReset(SessionReset.JDBC_SETTINGS).build());
    }

    /** More often than pgjdbc does without a prepared statement on the server. */
    private static void prepare(Lease lease) throws SQLException {
        for (int i = 0; i < 10; i++) {
            try (PreparedStatement statement = lease.prepareStatement("SELECT ?::int")) {
                statement.setInt(1, i);
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    assertThat(rows.getInt(1)).isEqualTo(i);
                }
            }
            inABatchAndWithACursor(lease);
        }
    }

    private static void inABatchAndWithACursor(Lease lease) throws SQLException {
        try (PreparedStatement insert =
                        lease.prepareStatement("INSERT INTO example VALUES (?)", Statement.RETURN_GENERATED_KEYS);
                PreparedStatement select = lease.prepareStatement("SELECT key FROM example")) {
            for (int i = 0; i < 2; i++) {
                insert.setString(1, "a");
                insert.addBatch();
            }
            assertThat(insert.executeBatch()).hasSize(2);
            select.setFetchSize(1);
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                assertThat(rows.next()).isTrue();
            }
        }
    }

    /** While one manager is between leases, another one has the server's connection that it had last. */
    private void whileAnotherHasItsConnection(
            PgBouncer bouncer, ManagedConnection manager, Action<SQLException> before, Action<SQLException> after)
            throws SQLException {
        int[] was = new int[1];
        manager.useTransaction(lease -> {
            before.run(lease);
            was[0] = pid(lease);
        });
        try (ManagedConnection other = builder(bouncer).build();
                Lease holding = other.acquire()) {
            assertThat(pid(holding)).as("the connection used last comes first").isEqualTo(was[0]);
            manager.useTransaction(lease -> {
                assertThat(pid(lease)).isNotEqualTo(was[0]);
                after.run(lease);
            });
            holding.rollback();
        }
    }

    // --- what works ---------------------------------------------------------------------------------------------

    @Test
    void many_managers_share_few_connections() throws Exception {
        PgBouncer bouncer = bouncer(TWO);
        List<CompletableFuture<Integer>> running = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ManagedConnection manager = manager(bouncer);
            running.add(Elsewhere.call(() -> {
                for (int n = 0; n < 10; n++) {
                    manager.useTransaction(lease -> execute(lease, "INSERT INTO example VALUES ('a')"));
                }
                return 10;
            }));
        }
        for (CompletableFuture<Integer> one : running) {
            one.get(30, TimeUnit.SECONDS);
        }
        assertThat(rows()).isEqualTo("200");
        Awaitility.await("the sessions of this test alone, when others that have ended are gone")
                .until(
                        () -> server.ask("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                                + " AND pid <> pg_backend_pid()"),
                        "2"::equals);
    }

    @Test
    void a_read_only_lease_is_read_only_and_nobody_elses_is() throws Exception {
        PgBouncer bouncer = bouncer(ONE);
        ManagedConnection manager = manager(bouncer);
        ManagedConnection other = manager(bouncer);
        try (Lease lease = manager.acquire()) {
            lease.setReadOnly(true);
            assertThat(ask(lease, "SHOW transaction_read_only")).isEqualTo("on");
            lease.commit();
            assertThat(other.<String, SQLException>inTransaction(theirs -> ask(theirs, "SHOW transaction_read_only")))
                    .isEqualTo("off");
        }
    }

    @Test
    void what_lasts_for_the_transaction_lasts_for_the_transaction() throws Exception {
        PgBouncer bouncer = bouncer(ONE);
        ManagedConnection manager = manager(bouncer);
        ManagedConnection other = manager(bouncer);
        manager.useTransaction(lease -> {
            execute(lease, "SET LOCAL statement_timeout = '12s'");
            execute(lease, "SELECT pg_advisory_xact_lock(42)");
            execute(lease, "CREATE TEMP TABLE mine (id int) ON COMMIT DROP");
            assertThat(ask(lease, "SHOW statement_timeout")).isEqualTo("12s");
            assertThat(ask(lease, "SELECT count(*) FROM mine")).isEqualTo("0");
        });
        other.useTransaction(lease -> {
            assertThat(ask(lease, "SHOW statement_timeout")).isEqualTo("0");
            assertThat(ask(lease, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                    .isEqualTo("0");
            assertThat(ask(lease, "SELECT to_regclass('mine')")).isEqualTo("null");
        });
    }

    // --- prepared statements ------------------------------------------------------------------------------------

    @Test
    void prepared_statements_must_be_switched_off() throws Exception {
        PgBouncer bouncer = bouncer(ONE);
        try (ManagedConnection first = ManagedConnection.of(bouncer.conninfo());
                ManagedConnection second = ManagedConnection.of(bouncer.conninfo())) {
            first.useTransaction(TransactionModeTest::prepare);
            assertThatThrownBy(() -> second.useTransaction(TransactionModeTest::prepare))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42P05"));
        }
    }

    @Test
    void they_can_be_switched_off_by_the_hook() throws Exception {
        PgBouncer bouncer = bouncer(ONE);
        ManagedConnection first = manager(bouncer);
        ManagedConnection second = manager(bouncer);
        bothPrepare(first, second);
    }

    @Test
    void they_can_be_switched_off_by_a_jdbc_url() throws Exception {
        String url = bouncer(PgBouncer.Mode.TRANSACTION, ONE).jdbcUrl() + "&prepareThreshold=0";
        try (ManagedConnection first = ManagedConnection.of(url);
                ManagedConnection second = ManagedConnection.of(url)) {
            bothPrepare(first, second);
        }
    }

    private static void bothPrepare(ManagedConnection first, ManagedConnection second) throws Exception {
        for (int i = 0; i < 3; i++) {
            first.useTransaction(TransactionModeTest::prepare);
            second.useTransaction(TransactionModeTest::prepare);
        }
        assertThat(first.<String, SQLException>inTransaction(
                        lease -> ask(lease, "SELECT count(*) FROM pg_prepared_statements")))
                .isEqualTo("0");
        assertThat(first.stats().opened()).isEqualTo(1);
        assertThat(second.stats().opened()).isEqualTo(1);
    }

    // --- what does not work -------------------------------------------------------------------------------------

    @Test
    void settings_of_the_session_reach_others_while_the_lease_lasts() throws Exception {
        PgBouncer bouncer = bouncer(ONE);
        ManagedConnection manager = manager(bouncer);
        ManagedConnection other = manager(bouncer);
        other.acquire().close(); // its baseline is the server's own
        try (Lease lease = manager.acquire()) {
            lease.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            lease.setSchema("pg_catalog");
            lease.commit();
            other.useTransaction(theirs -> {
                assertThat(ask(theirs, "SHOW search_path")).isEqualTo("pg_catalog");
                assertThat(ask(theirs, "SHOW transaction_isolation")).isEqualTo("serializable");
            });
        }
    }

    @Test
    void a_release_may_take_the_settings_of_another_connection_back() throws Exception {
        PgBouncer bouncer = bouncer(TWO);
        ManagedConnection manager = manager(bouncer);
        ManagedConnection other = manager(bouncer);
        Lease lease = manager.acquire();
        lease.setSchema("pg_catalog");
        int pid = pid(lease);
        lease.commit();
        try (Lease holding = other.acquire()) {
            assertThat(pid(holding)).isEqualTo(pid);
            lease.close();
            assertThat(ask(holding, "SHOW search_path")).isEqualTo("pg_catalog");
            holding.rollback();
        }
    }

    @Test
    void settings_of_the_hook_stay_with_the_connection_on_which_it_ran() throws Exception {
        PgBouncer bouncer = bouncer(TWO);
        ManagedConnection manager = closing(ManagedConnection.builder(bouncer.conninfo())
                .onOpen(session -> {
                    session.unwrap(PGConnection.class).setPrepareThreshold(0);
                    execute(session, "SET statement_timeout = '12s'");
                })
                .build());
        whileAnotherHasItsConnection(
                bouncer,
                manager,
                lease -> assertThat(ask(lease, "SHOW statement_timeout")).isEqualTo("12s"),
                lease -> assertThat(ask(lease, "SHOW statement_timeout")).isEqualTo("0"));
    }

    @Test
    void a_lock_of_the_session_is_left_behind() throws Exception {
        PgBouncer bouncer = bouncer(TWO);
        whileAnotherHasItsConnection(
                bouncer, uncleared(bouncer), lease -> execute(lease, "SELECT pg_advisory_lock(42)"), lease -> {
                    assertThat(ask(lease, "SELECT pg_advisory_unlock(42)")).isEqualTo("f");
                    assertThat(ask(lease, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                            .isEqualTo("1");
                });
    }

    @Test
    void a_temporary_table_is_left_behind() throws Exception {
        PgBouncer bouncer = bouncer(TWO);
        whileAnotherHasItsConnection(
                bouncer,
                uncleared(bouncer),
                lease -> execute(lease, "CREATE TEMP TABLE mine (id int)"),
                lease -> assertThat(ask(lease, "SELECT to_regclass('mine')")).isEqualTo("null"));
    }

    @Test
    void notifications_do_not_arrive() throws Exception {
        PgBouncer bouncer = bouncer(TWO);
        whileAnotherHasItsConnection(bouncer, uncleared(bouncer), lease -> execute(lease, "LISTEN news"), lease -> {
            lease.commit();
            server.execute("NOTIFY news, 'snow'");
            execute(lease, "SELECT 1");
            lease.commit();
            assertThat(lease.unwrap(PGConnection.class).getNotifications()).isEmpty();
        });
    }

    @Test
    void a_full_reset_may_reset_another_connection() throws Exception {
        PgBouncer bouncer = bouncer(TWO);
        ManagedConnection manager =
                closing(builder(bouncer).sessionReset(SessionReset.FULL).build());
        ManagedConnection other = manager(bouncer);
        Lease lease = manager.acquire();
        execute(lease, "CREATE TEMP TABLE mine (id int)");
        int pid = pid(lease);
        lease.commit();
        try (Lease holding = other.acquire()) {
            assertThat(pid(holding)).isEqualTo(pid);
            lease.close();
            assertThat(ask(holding, "SELECT count(*) FROM mine"))
                    .as("a table of the lease that has ended")
                    .isEqualTo("0");
            holding.rollback();
        }
    }
}
