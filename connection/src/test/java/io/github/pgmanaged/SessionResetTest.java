package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.DeafProxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With {@code sessionReset(FULL)} a lease begins as if the session were new. */
class SessionResetTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final String ROLE = "pgmanaged_reset_test";

    @BeforeEach
    void makeARole() throws SQLException {
        DB.update("DROP ROLE IF EXISTS " + ROLE);
        DB.update("CREATE ROLE " + ROLE);
        DB.update("CREATE SEQUENCE IF NOT EXISTS counter");
    }

    @AfterEach
    void dropIt() throws SQLException {
        DB.update("DROP ROLE IF EXISTS " + ROLE);
    }

    private ManagedConnection manager(SessionReset reset) {
        return DB.closing(DB.builder().sessionReset(reset).autoCommit(true).build());
    }

    /** What a lease leaves, what the next one asks, and the answer if nothing is left. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SET work_mem = '7MB' | SELECT current_setting('work_mem') = '7MB' | f",
                "SET my.variable = 'x' | SELECT coalesce(current_setting('my.variable', true), '') = 'x' | f",
                "SET ROLE pgmanaged_reset_test | SELECT current_user = 'pgmanaged_reset_test' | f",
                "SET SESSION AUTHORIZATION pgmanaged_reset_test | SELECT session_user = 'pgmanaged_reset_test' | f",
                "CREATE TEMP TABLE left_over (a int) | SELECT to_regclass('left_over') IS NOT NULL | f",
                "SELECT pg_advisory_lock(4711) | SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory'"
                        + " AND pid = pg_backend_pid()) | f",
                "LISTEN left_over | SELECT EXISTS (SELECT pg_listening_channels()) | f",
                "DECLARE c CURSOR WITH HOLD FOR SELECT 1 | SELECT EXISTS (SELECT FROM pg_cursors WHERE name = 'c') | f",
                "PREPARE \"Left Over\" AS SELECT 1 | SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE from_sql) | f",
            })
    void what_sql_leaves_in_the_session_is_gone(String leave, String ask, String clean) throws SQLException {
        ManagedConnection full = manager(SessionReset.FULL);
        full.useConnection(lease -> execute(lease, leave));
        full.useConnection(lease -> assertThat(query(lease, ask)).isEqualTo(clean));
        assertThat(full.stats().opened()).as("in the same session").isEqualTo(1);

        ManagedConnection standard = manager(SessionReset.JDBC_SETTINGS);
        standard.useConnection(lease -> execute(lease, leave));
        standard.useConnection(
                lease -> assertThat(query(lease, ask)).as("without it").isNotEqualTo(clean));
    }

    @Test
    void sequences_have_no_current_value_any_more() throws SQLException {
        ManagedConnection full = manager(SessionReset.FULL);
        full.useConnection(lease -> query(lease, "SELECT nextval('counter')"));
        full.useConnection(lease -> assertThat(ManagedDatabase.state(() -> query(lease, "SELECT currval('counter')")))
                .isEqualTo("55000"));
    }

    @Test
    void it_also_comes_after_a_transaction_was_rolled_back_or_failed() throws SQLException {
        ManagedConnection full = manager(SessionReset.FULL);
        for (String last : new String[] {"SELECT 1", "SELECT 1/0"}) {
            Lease lease = full.acquire();
            execute(lease, "SET work_mem = '7MB'");
            execute(lease, "BEGIN");
            ManagedDatabase.execute(lease, "SELECT 1");
            if (last.contains("/")) {
                assertThat(ManagedDatabase.state(() -> execute(lease, last))).isEqualTo("22012");
            }
            assertThat(ManagedDatabase.state(lease::close)).isEqualTo("25000");
            full.useConnection(next -> assertThat(query(next, "SHOW work_mem")).isNotEqualTo("7MB"));
        }
        assertThat(full.stats().opened()).isEqualTo(1);
    }

    @Test
    void what_the_hook_has_set_comes_back() throws SQLException {
        ManagedConnection full = DB.closing(DB.builder()
                .sessionReset(SessionReset.FULL)
                .autoCommit(true)
                .onOpen(connection -> {
                    execute(connection, "SET work_mem = '9MB'");
                    execute(connection, "SET search_path = \"$user\", public, pg_catalog");
                    execute(connection, "SET ROLE " + ROLE);
                    connection.setClientInfo("ApplicationName", "it's \"me\"");
                })
                .build());
        for (int i = 0; i < 2; i++) {
            full.useConnection(lease -> {
                assertThat(query(lease, "SHOW work_mem")).isEqualTo("9MB");
                assertThat(query(lease, "SHOW search_path")).isEqualTo("\"$user\", public, pg_catalog");
                assertThat(query(lease, "SELECT current_user")).isEqualTo(ROLE);
                assertThat(query(lease, "SHOW application_name")).isEqualTo("it's \"me\"");
                execute(lease, "RESET ROLE");
                execute(lease, "RESET ALL");
                execute(lease, "SET work_mem = '1MB'");
            });
        }
        assertThat(full.stats().opened()).isEqualTo(1);
    }

    @Test
    void statements_that_the_driver_has_prepared_are_prepared_anew() throws SQLException {
        ManagedConnection full = manager(SessionReset.FULL);
        for (int i = 0; i < 10; i++) {
            full.useConnection(SessionResetTest::askPrepared);
        }
        full.useConnection(lease -> {
            String prepared =
                    "SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql AND statement LIKE '%the one%'";
            assertThat(query(lease, prepared)).isEqualTo("0");
            askPrepared(lease);
            assertThat(query(lease, prepared)).as("at its first use").isEqualTo("1");
        });
    }

    private static void askPrepared(Connection lease) throws SQLException {
        try (PreparedStatement statement = lease.prepareStatement("SELECT ? || 'the one'")) {
            statement.setString(1, "x");
            try (ResultSet row = statement.executeQuery()) {
                assertThat(row.next()).isTrue();
                assertThat(row.getString(1)).isEqualTo("xthe one");
            }
        }
    }

    @Test
    void plans_are_made_anew() throws SQLException {
        DB.update("CREATE OR REPLACE FUNCTION rows_when_planned() RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS"
                + " $$ BEGIN RETURN (SELECT count(*) FROM example); END $$");
        ManagedConnection full = manager(SessionReset.FULL);
        for (int i = 0; i < 10; i++) { // until the driver prepares it on the server
            full.useConnection(lease -> assertThat(rowsWhenPlanned(lease)).isZero());
        }
        full.useConnection(lease -> {
            assertThat(rowsWhenPlanned(lease)).isZero();
            ManagedDatabase.insert(DB.admin(), "a");
            assertThat(rowsWhenPlanned(lease))
                    .as("within a lease a plan is kept")
                    .isZero();
        });
        full.useConnection(lease -> assertThat(rowsWhenPlanned(lease)).isEqualTo(1));
    }

    private static long rowsWhenPlanned(Connection lease) throws SQLException {
        try (PreparedStatement statement = lease.prepareStatement("SELECT rows_when_planned()");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void it_costs_one_round_trip_and_none_for_a_lease_that_did_nothing() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection full = DB.closing(ManagedConnection.builder(proxy.source())
                .sessionReset(SessionReset.FULL)
                .autoCommit(true)
                .validateAfterIdle(Duration.ofDays(1))
                .build());
        full.useConnection(lease -> execute(lease, "SELECT 1"));

        Lease lease = full.acquire();
        execute(lease, "SET work_mem = '7MB'");
        int before = proxy.roundTrips();
        lease.close();
        assertThat(proxy.roundTrips()).isEqualTo(before + 1);

        full.acquire().close();
        assertThat(proxy.roundTrips()).isEqualTo(before + 1);
    }

    @Test
    void a_reset_that_fails_costs_the_session() throws SQLException {
        ManagedConnection full = DB.closing(DB.builder()
                .sessionReset(SessionReset.FULL)
                .autoCommit(true)
                .onOpen(connection -> execute(connection, "SET ROLE " + ROLE))
                .build());
        Lease lease = full.acquire();
        execute(lease, "SET work_mem = '7MB'");
        DB.update("DROP ROLE " + ROLE);
        lease.close();
        assertThat(full.isOpen()).isFalse();
        Awaitility.await("it is closed").until(() -> DB.sessions() == 0);
    }

    @Test
    void the_session_authorization_that_the_hook_has_set_comes_back() throws SQLException {
        ManagedConnection full = DB.closing(DB.builder()
                .sessionReset(SessionReset.FULL)
                .autoCommit(true)
                .onOpen(connection -> execute(connection, "SET SESSION AUTHORIZATION " + ROLE))
                .build());
        for (int i = 0; i < 2; i++) {
            full.useConnection(lease -> {
                assertThat(query(lease, "SELECT session_user")).isEqualTo(ROLE);
                execute(lease, "RESET SESSION AUTHORIZATION");
            });
        }
        assertThat(full.stats().opened()).isEqualTo(1);
    }
}
