package io.github.pgmanaged.faults.pgbouncer;

import static io.github.pgmanaged.faults.programs.Sql.ask;
import static io.github.pgmanaged.faults.programs.Sql.execute;
import static io.github.pgmanaged.faults.programs.Sql.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.SessionReset;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/**
 * In session mode a session is one connection of the server's, from its opening to its end; nothing is to be switched
 * off.
 */
class SessionModeTest extends BehindPgBouncer {
    private static final String ONE = "default_pool_size = 1";

    private ManagedConnection manager(PgBouncer bouncer) {
        return closing(ManagedConnection.of(bouncer.conninfo()));
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
        }
    }

    @Test
    void prepared_statements_temporary_tables_settings_and_locks_last_from_lease_to_lease() throws Exception {
        ManagedConnection manager = closing(
                ManagedConnection.builder(bouncer(PgBouncer.Mode.SESSION).conninfo())
                        .sessionReset(SessionReset.JDBC_SETTINGS)
                        .build());
        manager.useTransaction(lease -> {
            prepare(lease);
            execute(lease, "CREATE TEMP TABLE mine (id int)");
            execute(lease, "SET statement_timeout = '12s'");
            execute(lease, "SELECT pg_advisory_lock(42)");
        });
        manager.useTransaction(lease -> {
            prepare(lease);
            assertThat(ask(lease, "SELECT count(*) FROM mine")).isEqualTo("0");
            assertThat(ask(lease, "SHOW statement_timeout")).isEqualTo("12s");
            assertThat(ask(lease, "SELECT pg_advisory_unlock(42)")).isEqualTo("t");
            assertThat(ask(lease, "SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql"))
                    .as("prepared on the server")
                    .isNotEqualTo("0");
        });
    }

    @Test
    void jdbcs_settings_go_back_at_the_release() throws Exception {
        ManagedConnection manager = manager(bouncer(PgBouncer.Mode.SESSION));
        manager.useConnection(lease -> {
            lease.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            lease.setReadOnly(true);
            lease.setSchema("pg_catalog");
            lease.commit();
        });
        manager.useTransaction(lease -> {
            assertThat(ask(lease, "SHOW search_path")).isEqualTo("\"$user\", public");
            assertThat(ask(lease, "SHOW transaction_isolation")).isEqualTo("read committed");
            assertThat(ask(lease, "SHOW transaction_read_only")).isEqualTo("off");
        });
    }

    @Test
    void an_idle_session_gives_the_servers_connection_back() throws Exception {
        PgBouncer bouncer = bouncer(PgBouncer.Mode.SESSION, ONE);
        ManagedConnection first = closing(ManagedConnection.builder(bouncer.conninfo())
                .idleTimeout(Duration.ofMillis(200))
                .build());
        ManagedConnection second = manager(bouncer);
        int before = first.<Integer, SQLException>inTransaction(lease -> pid(lease));
        assertThat(second.<Integer, SQLException>inTransaction(lease -> pid(lease)))
                .isEqualTo(before);
    }

    @Test
    void a_full_reset_leaves_nothing_to_the_next_lease() throws Exception {
        ManagedConnection manager = closing(
                ManagedConnection.builder(bouncer(PgBouncer.Mode.SESSION).conninfo())
                        .sessionReset(SessionReset.FULL)
                        .build());
        manager.useTransaction(lease -> {
            prepare(lease);
            execute(lease, "CREATE TEMP TABLE mine (id int)");
            execute(lease, "SET statement_timeout = '12s'");
        });
        manager.useTransaction(lease -> {
            prepare(lease);
            assertThat(ask(lease, "SELECT to_regclass('mine')")).isEqualTo("null");
            assertThat(ask(lease, "SHOW statement_timeout")).isEqualTo("0");
        });
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void notifications_arrive() throws Exception {
        ManagedConnection manager = closing(
                ManagedConnection.builder(bouncer(PgBouncer.Mode.SESSION).conninfo())
                        .autoCommit(true)
                        .onOpen(session -> execute(session, "LISTEN news"))
                        .build());
        manager.useConnection(lease -> {});
        server.execute("NOTIFY news, 'snow'");
        try (Lease lease = manager.acquire()) {
            Awaitility.await()
                    .until(
                            () -> lease.unwrap(PGConnection.class).getNotifications(100),
                            received -> received.length == 1);
        }
    }

    @Test
    void the_reset_query_cleans_the_servers_connection_for_the_next_session() throws Exception {
        ManagedConnection manager = manager(bouncer(PgBouncer.Mode.SESSION, ONE));
        int before = manager.<Integer, SQLException>inTransaction(lease -> {
            prepare(lease);
            execute(lease, "CREATE TEMP TABLE mine (id int)");
            execute(lease, "SET statement_timeout = '12s'");
            execute(lease, "SELECT pg_advisory_lock(42)");
            return pid(lease);
        });
        manager.reset();
        manager.useTransaction(lease -> {
            assertThat(pid(lease)).as("the same connection of the server's").isEqualTo(before);
            prepare(lease);
            assertThat(ask(lease, "SELECT to_regclass('mine')")).isEqualTo("null");
            assertThat(ask(lease, "SHOW statement_timeout")).isEqualTo("0");
            assertThat(ask(lease, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
                    .isEqualTo("0");
        });
        assertThat(manager.stats().opened()).isEqualTo(2);
    }

    @Test
    void without_the_reset_query_the_next_session_finds_what_the_last_one_left() throws Exception {
        ManagedConnection manager = manager(bouncer(PgBouncer.Mode.SESSION, ONE, "server_reset_query ="));
        manager.useTransaction(SessionModeTest::prepare);
        manager.reset();
        assertThatThrownBy(() -> manager.useTransaction(SessionModeTest::prepare))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42P05"))
                .hasMessageContaining("prepared statement \"S_");
    }
}
