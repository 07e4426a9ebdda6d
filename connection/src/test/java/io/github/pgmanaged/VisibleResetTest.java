package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.DeafProxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** By default a lease begins with nothing that a statement before it has visibly left. */
class VisibleResetTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final String ROLE = "pgmanaged_visible_test";

    @BeforeEach
    void makeARoleAndASchema() throws SQLException {
        drop();
        DB.update("CREATE ROLE " + ROLE);
        DB.update("GRANT USAGE, CREATE ON SCHEMA public TO " + ROLE);
        DB.update("CREATE SCHEMA a CREATE TABLE t (x text)");
        DB.update("CREATE TABLE public.t (x int)");
        DB.update("CREATE OR REPLACE PROCEDURE public.sets() LANGUAGE plpgsql AS"
                + " $$ BEGIN PERFORM set_config('work_mem', '7MB', false); END $$");
        DB.update("CREATE SCHEMA evil");
        DB.update("CREATE FUNCTION evil.pg_advisory_unlock_all() RETURNS void LANGUAGE sql AS 'SELECT'");
        DB.update("CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS"
                + " 'SELECT ''''::text'");
    }

    @AfterEach
    void drop() throws SQLException {
        DB.update("DROP SCHEMA IF EXISTS a, evil CASCADE");
        DB.update("DROP TABLE IF EXISTS public.t");
        DB.update("DROP PROCEDURE IF EXISTS public.sets");
        if (DB.query("SELECT count(*) FROM pg_roles WHERE rolname = '" + ROLE + "'")
                .equals("1")) {
            DB.update("DROP OWNED BY " + ROLE);
            DB.update("DROP ROLE " + ROLE);
        }
    }

    private static ManagedConnection.Builder builder() {
        return DB.builder().autoCommit(true);
    }

    private static final String LOCKED =
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())";
    private static final String PREPARED = "SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE from_sql)";

    /** What a lease leaves, what the next one asks, and the answer if nothing is left. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SET work_mem = '7MB'|SELECT current_setting('work_mem') = '7MB'",
                "SET my.variable = 'x'|SELECT coalesce(current_setting('my.variable', true), '') = 'x'",
                "SELECT set_config('work_mem', '7MB', false)|SELECT current_setting('work_mem') = '7MB'",
                "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY|SELECT current_setting('transaction_read_only') = 'on'",
                "SET ROLE pgmanaged_visible_test|SELECT current_user = 'pgmanaged_visible_test'",
                "SELECT set_config('role', 'pgmanaged_visible_test', false)|SELECT current_user = 'pgmanaged_visible_test'",
                "SET SESSION AUTHORIZATION pgmanaged_visible_test|SELECT session_user = 'pgmanaged_visible_test'",
                "SET search_path = a|SELECT current_schema() = 'a'",
                "CREATE TEMP TABLE left_over (a int)|SELECT to_regclass('left_over') IS NOT NULL",
                "CREATE TABLE pg_temp.left_over (a int)|SELECT to_regclass('left_over') IS NOT NULL",
                "SELECT 1 AS a INTO TEMP left_over|SELECT to_regclass('left_over') IS NOT NULL",
                "SET search_path = pg_temp; CREATE TABLE left_over (a int)|SELECT to_regclass('pg_temp.left_over') IS NOT NULL",
                "CREATE TEMP VIEW left_over AS SELECT 1|SELECT to_regclass('left_over') IS NOT NULL",
                "CREATE TEMP SEQUENCE left_over|SELECT to_regclass('left_over') IS NOT NULL",
                "EXPLAIN ANALYZE CREATE TEMP TABLE left_over AS SELECT 1|SELECT to_regclass('left_over') IS NOT NULL",
                "LISTEN left_over|SELECT EXISTS (SELECT pg_listening_channels())",
                "DECLARE c CURSOR WITH HOLD FOR SELECT 1|SELECT EXISTS (SELECT FROM pg_cursors WHERE name = 'c')",
                "PREPARE p AS SELECT 1|" + PREPARED,
                "SELECT pg_advisory_lock(4711), pg_advisory_lock(4711)|" + LOCKED,
                "EXPLAIN ANALYZE SELECT pg_catalog.\"pg_try_advisory_lock_shared\"(4711)|" + LOCKED,
                "PREPARE p AS SELECT pg_advisory_lock(4711); EXECUTE p|" + LOCKED,
                "DO $$ BEGIN PERFORM pg_advisory_lock(4711); END $$|" + LOCKED,
                "DO $$ BEGIN CREATE TEMP TABLE left_over (a int); END $$|SELECT to_regclass('left_over') IS NOT NULL",
                "CALL sets()|SELECT current_setting('work_mem') = '7MB'",
                "LOAD 'plpgsql'; SET plpgsql.check_asserts = off|SELECT current_setting('plpgsql.check_asserts', true) = 'off'",
            })
    void what_a_statement_leaves_is_gone(String leave, String ask) throws SQLException {
        ManagedConnection standard = DB.closing(builder().build());
        standard.useConnection(lease -> execute(lease, leave));
        standard.useConnection(lease -> assertThat(query(lease, ask)).isIn("f", null));

        ManagedConnection settingsOnly =
                DB.closing(builder().sessionReset(SessionReset.JDBC_SETTINGS).build());
        settingsOnly.useConnection(lease -> execute(lease, leave));
        settingsOnly.useConnection(
                lease -> assertThat(query(lease, ask)).as("with JDBC_SETTINGS").isEqualTo("t"));
    }

    private interface Way {
        void execute(Connection lease, String sql) throws SQLException;
    }

    private enum Ways {
        STATEMENT((lease, sql) -> ManagedDatabase.execute(lease, sql)),
        BATCH((lease, sql) -> {
            try (Statement statement = lease.createStatement()) {
                statement.addBatch("SELECT 1");
                statement.addBatch(sql);
                assertThat(statement.executeBatch()).hasSize(2);
            }
        }),
        PREPARED((lease, sql) -> {
            try (PreparedStatement statement = lease.prepareStatement(sql)) {
                statement.execute();
            }
        }),
        CALLABLE((lease, sql) -> {
            try (PreparedStatement statement = lease.prepareCall(sql)) {
                statement.execute();
            }
        }),
        COPY((lease, sql) -> lease.unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY (" + sql + ") TO STDOUT")
                .cancelCopy()),
        FAILED((lease, sql) -> {
            ManagedDatabase.execute(lease, "BEGIN");
            ManagedDatabase.execute(lease, sql);
            assertThat(ManagedDatabase.state(() -> ManagedDatabase.execute(lease, "SELECT 1/0")))
                    .isEqualTo("22012");
            ManagedDatabase.execute(lease, "ROLLBACK");
        }),
        FAILED_ITSELF((lease, sql) -> assertThat(
                        ManagedDatabase.state(() -> ManagedDatabase.execute(lease, sql + "; SELECT 1/0")))
                .isEqualTo("22012"));

        private final Way way;

        Ways(Way way) {
            this.way = way;
        }
    }

    @ParameterizedTest
    @EnumSource(Ways.class)
    void it_is_seen_whichever_way_it_is_sent(Ways ways) throws SQLException {
        ManagedConnection manager = DB.closing(builder().build());
        manager.useConnection(lease -> ways.way.execute(lease, "SELECT pg_advisory_lock(4711)"));
        manager.useConnection(lease -> assertThat(query(lease, LOCKED)).isEqualTo("f"));
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET ROLE pgmanaged_visible_test",
                "SET search_path = evil, pg_catalog",
                "SET statement_timeout = '1s'",
                "SET default_transaction_read_only = on",
                "SET default_transaction_isolation = serializable",
                "SET standard_conforming_strings = off",
                "SET ROLE pgmanaged_visible_test; SET search_path = evil, pg_catalog; SET default_transaction_read_only = on",
            })
    void no_state_that_a_lease_leaves_is_in_the_way(String hostile) throws SQLException {
        ManagedConnection manager = DB.closing(builder()
                .onOpen(connection -> execute(connection, "SET work_mem = '9MB'"))
                .build());
        manager.useConnection(lease -> {
            execute(lease, "CREATE TEMP TABLE left_over (a int)");
            execute(lease, "LISTEN left_over");
            execute(lease, "DECLARE c CURSOR WITH HOLD FOR SELECT 1");
            execute(lease, "SELECT pg_advisory_lock(4711)");
            execute(lease, hostile);
        });
        manager.useConnection(lease -> {
            assertThat(query(lease, "SELECT current_user = session_user")).isEqualTo("t");
            assertThat(query(lease, "SHOW search_path")).isEqualTo(DB.query("SHOW search_path"));
            assertThat(query(lease, "SHOW statement_timeout")).isEqualTo("0");
            assertThat(query(lease, "SHOW default_transaction_read_only")).isEqualTo("off");
            assertThat(query(lease, "SHOW work_mem")).isEqualTo("9MB");
            assertThat(query(lease, "SELECT to_regclass('left_over')")).isNull();
            assertThat(query(lease, LOCKED)).isEqualTo("f");
        });
        assertThat(manager.stats().opened()).as("in the same session").isEqualTo(1);
    }

    @Test
    void a_text_that_is_harmless_with_standard_strings_is_looked_at_again_without_them() throws SQLException {
        ManagedConnection manager = DB.closing(builder().build());
        String sql = "SELECT 'a\\', '; SELECT pg_advisory_lock(4711) --'";
        manager.useConnection(lease -> execute(lease, sql));
        manager.useConnection(lease -> assertThat(query(lease, LOCKED)).isEqualTo("f"));
        manager.useConnection(lease -> {
            execute(lease, "SET standard_conforming_strings = off");
            execute(lease, sql);
            assertThat(query(lease, LOCKED)).isEqualTo("t");
        });
        manager.useConnection(lease -> assertThat(query(lease, LOCKED)).isEqualTo("f"));
    }

    @Test
    void a_timeout_of_a_millisecond_is_left_to_nobody() throws SQLException {
        ManagedConnection manager = DB.closing(builder().build());
        manager.useConnection(lease -> execute(lease, "SET statement_timeout = 1"));
        manager.useConnection(
                lease -> assertThat(query(lease, "SHOW statement_timeout")).isEqualTo("0"));
    }

    @Test
    void what_is_left_costs_one_round_trip_and_what_is_not_costs_none() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection manager = DB.closing(ManagedConnection.builder(proxy.source())
                .autoCommit(true)
                .validateAfterIdle(Duration.ofDays(1))
                .build());
        manager.useConnection(lease -> execute(lease, "SELECT 1"));
        assertThat(ofRelease(proxy, manager, "SELECT x FROM t", "INSERT INTO t VALUES (1)", "CREATE TABLE a.u (b int)"))
                .isZero();
        assertThat(ofRelease(proxy, manager, "BEGIN", "SET LOCAL work_mem = '7MB'", "COMMIT"))
                .isZero();
        assertThat(ofRelease(proxy, manager, "SET work_mem = '7MB'")).isEqualTo(1);
        assertThat(ofRelease(
                        proxy,
                        manager,
                        "SET work_mem = '7MB'",
                        "CREATE TEMP TABLE u (a int)",
                        "SELECT pg_advisory_lock(1)",
                        "LISTEN a",
                        "DO 'BEGIN END'"))
                .isEqualTo(1);

        Lease lease = manager.acquire();
        execute(lease, "SET work_mem = '7MB'");
        lease.setSchema("a");
        lease.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        lease.setClientInfo("ApplicationName", "x");
        int before = proxy.roundTrips();
        lease.close();
        assertThat(proxy.roundTrips()).as("settings of both kinds").isEqualTo(before + 1);
    }

    private static int ofRelease(DeafProxy proxy, ManagedConnection manager, String... statements) throws SQLException {
        Lease lease = manager.acquire();
        for (String sql : statements) {
            execute(lease, sql);
        }
        int before = proxy.roundTrips();
        lease.close();
        return proxy.roundTrips() - before;
    }

    // --- what was to stay ---------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TEMP TABLE the_hooks (a int)",
                "LISTEN the_hooks",
                "SELECT pg_advisory_lock(4712)",
                "PREPARE the_hooks AS SELECT 1",
                "DECLARE the_hooks CURSOR WITH HOLD FOR SELECT 1",
            })
    void what_the_hook_has_made_is_there_for_each_lease(String made) throws SQLException {
        ManagedConnection manager = DB.closing(
                builder().onOpen(connection -> execute(connection, made)).build());
        String ask = "SELECT to_regclass('the_hooks') IS NOT NULL"
                + " OR EXISTS (SELECT FROM pg_listening_channels() c WHERE c = 'the_hooks')"
                + " OR EXISTS (SELECT FROM pg_locks WHERE objid = 4712 AND pid = pg_backend_pid())"
                + " OR EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'the_hooks')"
                + " OR EXISTS (SELECT FROM pg_cursors WHERE name = 'the_hooks')";
        for (String leave : new String[] {
            "SELECT 1",
            "SET work_mem = '7MB'",
            made.replaceAll("the_hooks|4712", "own1").replace("lock(own1)", "lock(1)"),
            "DO 'BEGIN END'",
            "DISCARD ALL"
        }) {
            manager.useConnection(lease -> execute(lease, leave));
            manager.useConnection(
                    lease -> assertThat(query(lease, ask)).as("after " + leave).isEqualTo("t"));
        }
    }

    @Test
    void statements_that_the_driver_has_prepared_stay_prepared_where_they_can() throws SQLException {
        ManagedConnection manager = DB.closing(builder().build());
        String names = "SELECT string_agg(name, ',') FROM pg_prepared_statements WHERE statement LIKE '%the one%'";
        String[] name = new String[1];
        manager.useConnection(lease -> {
            askEightTimes(lease, "SELECT 'the one'");
            name[0] = query(lease, names);
            execute(lease, "SET work_mem = '7MB'");
        });
        assertThat(name[0]).isNotNull();
        manager.useConnection(lease -> assertThat(query(lease, names)).isEqualTo(name[0]));
    }

    @Test
    void a_library_that_was_loaded_goes_with_the_session() throws SQLException {
        ManagedConnection manager = DB.closing(builder().build());
        manager.useConnection(lease -> execute(lease, "LOAD 'plpgsql'"));
        assertThat(manager.isOpen()).isFalse();
    }

    // --- what the driver keeps ----------------------------------------------------------------------------------

    /**
     * So often that the driver has the server prepare it. Under autocommit the driver mends a stale one by itself; so
     * where that must not be needed, the test has autocommit off.
     */
    private static void askEightTimes(Connection lease, String sql) throws SQLException {
        try (PreparedStatement statement = lease.prepareStatement(sql)) {
            for (int i = 0; i < 8; i++) {
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SessionReset.class,
            names = {"VISIBLE", "FULL"})
    void notifications_for_the_lease_before_are_not_handed_on(SessionReset reset) throws SQLException {
        ManagedConnection manager = DB.closing(builder().sessionReset(reset).build());
        manager.useConnection(lease -> {
            execute(lease, "LISTEN news");
            DB.update("NOTIFY news");
            execute(lease, "NOTIFY news");
        });
        manager.useConnection(lease -> {
            execute(lease, "SELECT 1");
            assertThat(lease.unwrap(PGConnection.class).getNotifications()).isNullOrEmpty();
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "VISIBLE | CREATE TEMP TABLE t (x text)",
                "VISIBLE | SET search_path = a",
                "VISIBLE | SELECT set_config('search_path', 'a', false)",
                "VISIBLE | DO 'BEGIN CREATE TEMP TABLE t (x text); END'",
                "FULL | CREATE TEMP TABLE t (x text)",
                "FULL | SELECT set_config('search_path', 'a', false)",
                "FULL | SET ROLE pgmanaged_visible_test; SET search_path = a",
            })
    void what_the_driver_prepared_under_it_does_not_fail_the_next_lease(SessionReset reset, String leave)
            throws SQLException {
        DB.update("GRANT USAGE ON SCHEMA a TO " + ROLE);
        DB.update("GRANT SELECT ON a.t TO " + ROLE);
        ManagedConnection manager = DB.closing(builder().sessionReset(reset).build());
        for (int i = 0; i < 3; i++) {
            // Another text each time: a set_config of its own fails a lease before PostgreSQL 18, as without a manager.
            String sql = "SELECT x FROM t WHERE " + i + " = " + i;
            manager.useTransaction(lease -> {
                execute(lease, leave);
                askEightTimes(lease, sql);
            });
            manager.useTransaction(lease -> askEightTimes(lease, sql));
        }
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void a_role_may_have_a_schema_of_its_own() throws SQLException {
        DB.update("CREATE SCHEMA " + ROLE + " CREATE TABLE t (x text)");
        DB.update("GRANT USAGE ON SCHEMA " + ROLE + " TO " + ROLE);
        DB.update("GRANT SELECT ON " + ROLE + ".t TO " + ROLE);
        try {
            ManagedConnection manager = DB.closing(builder().build());
            manager.useTransaction(lease -> {
                execute(lease, "SET ROLE " + ROLE);
                askEightTimes(lease, "SELECT x FROM t");
            });
            manager.useTransaction(lease -> askEightTimes(lease, "SELECT x FROM t"));
        } finally {
            DB.update("DROP SCHEMA " + ROLE + " CASCADE");
        }
    }

    @ParameterizedTest
    @EnumSource(SessionReset.class)
    void a_schema_that_goes_back_is_seen_by_the_driver(SessionReset reset) throws SQLException {
        ManagedConnection manager = DB.closing(builder().sessionReset(reset).build());
        for (int i = 0; i < 3; i++) {
            manager.useTransaction(lease -> {
                lease.setSchema("a");
                askEightTimes(lease, "SELECT x FROM t");
            });
            manager.useTransaction(lease -> askEightTimes(lease, "SELECT x FROM t"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEALLOCATE ALL", "DISCARD ALL", "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$"})
    void the_driver_forgets_what_the_caller_has_deallocated(String sql) throws SQLException {
        ManagedConnection manager = DB.closing(builder().build());
        manager.useConnection(lease -> {
            askEightTimes(lease, "SELECT x FROM t");
            execute(lease, sql);
        });
        manager.useTransaction(lease -> askEightTimes(lease, "SELECT x FROM t"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"extended", "extendedForPrepared", "extendedCacheEverything", "simple"})
    void it_works_in_each_mode_of_the_driver(String mode) throws SQLException {
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    var source = DB.pgjdbcSource();
                    source.setProperty("preferQueryMode", mode);
                    return source.getConnection();
                }))
                .autoCommit(true)
                .build());
        for (int i = 0; i < 8; i++) {
            manager.useConnection(lease -> {
                assertThat(query(lease, "SHOW work_mem")).isNotEqualTo("7MB");
                assertThat(query(lease, "SELECT to_regclass('left_over')")).isNull();
                lease.setSchema("a");
                execute(lease, "CREATE TEMP TABLE left_over (a int)");
                execute(lease, "SET work_mem = '7MB'");
            });
        }
        assertThat(manager.stats().opened()).isEqualTo(1);
    }
}
