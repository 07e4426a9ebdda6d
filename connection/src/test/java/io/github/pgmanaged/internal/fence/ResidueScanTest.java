package io.github.pgmanaged.internal.fence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be seen of a text: what its statements leave in the session. */
class ResidueScanTest {
    private static Set<Residue> of(String sql) {
        return ResidueScan.of(sql, true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";;",
                "/* SET work_mem = 1 */ SELECT 1 -- LISTEN a",
                "SELECT 'set_config(1)', $$ pg_advisory_lock(1) $$, \"listen\" FROM temp",
                "(SELECT 1) UNION (SELECT 2)",
                "insert into temp values (1)",
                "INSERT INTO pg_temp.t VALUES (1); UPDATE pg_temp.t SET a = 1; SELECT * FROM pg_temp.t",
                "MERGE INTO temp USING s ON true WHEN MATCHED THEN DELETE",
                "UPDATE t SET a = 1 RETURNING a",
                "DELETE FROM t",
                "WITH a AS (SELECT 1) SELECT * FROM a",
                "COPY t FROM STDIN",
                "BEGIN; SAVEPOINT a; RELEASE a; ROLLBACK TO a; COMMIT AND CHAIN",
                "START TRANSACTION; END; ABORT; COMMIT PREPARED 'a'",
                "PREPARE TRANSACTION 'a'",
                "SET LOCAL work_mem = 1",
                "SET LOCAL ROLE x",
                "SET TRANSACTION READ ONLY",
                "SET CONSTRAINTS ALL DEFERRED",
                "SELECT set_config('work_mem', '1', true)",
                "SELECT pg_catalog.set_config('app.user', ?, TRUE)",
                "SELECT pg_advisory_xact_lock(1), pg_try_advisory_xact_lock_shared(2)",
                "CREATE TABLE temp (temp int)",
                "CREATE TABLE t (a int); CREATE INDEX ON t (a); ALTER TABLE t ADD b int; DROP TABLE t",
                "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN SET work_mem = 1; END $$",
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
                "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
                "DECLARE c CURSOR FOR SELECT 1",
                "DECLARE c CURSOR WITHOUT HOLD FOR SELECT hold FROM t",
                "FETCH c; MOVE c; CLOSE c",
                "SHOW work_mem",
                "EXPLAIN SELECT 1",
                "EXPLAIN (ANALYZE, BUFFERS) SELECT 1",
                "DISCARD PLANS; DISCARD SEQUENCES",
                "NOTIFY a; VACUUM; ANALYZE t; REINDEX TABLE t; LOCK t; TRUNCATE t",
            })
    void most_statements_leave_nothing(String sql) {
        assertThat(of(sql)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SET work_mem = 1|SETTINGS",
                "set session work_mem = 1|SETTINGS",
                "/* a /* b */ */ sEt -- c|SETTINGS",
                "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY|SETTINGS",
                "SET TIME ZONE 'UTC'|SETTINGS",
                "SELECT 1; ; SET a.b = 'x'|SETTINGS",
                "RESET work_mem|SETTINGS",
                "RESET ALL|SETTINGS PATH",
                "SET search_path = a|SETTINGS PATH",
                "SET \"search_path\" = a|SETTINGS PATH",
                "SET SCHEMA 'a'|SETTINGS PATH",
                "SET LOCAL search_path = a|PATH",
                "SET search_path = pg_temp|SETTINGS PATH TEMPORARY",
                "SET search_path TO 'PG_TEMP', a|SETTINGS PATH TEMPORARY",
                "SET seed = 0.5|SETTINGS SEED",
                "SET ROLE x|ROLE",
                "SET SESSION ROLE x|ROLE",
                "SET role = x|ROLE",
                "RESET ROLE|ROLE",
                "SET SESSION AUTHORIZATION x|ROLE",
                "SET SESSION SESSION AUTHORIZATION x|ROLE",
                "SELECT pg_copy_logical_replication_slot('a', 'b', true)|LASTING",
                "SELECT set_config('search_path', 'pg_temp', false)|SETTINGS PATH TEMPORARY",
                "SET session_authorization = x|SETTINGS ROLE",
                "SELECT set_config('work_mem', '1', false)|SETTINGS",
                "SELECT set_config('search_path', '1', true)|PATH",
                "SELECT pg_catalog.\"set_config\" ( 'role' , ? , false )|SETTINGS ROLE",
                "SELECT set_config(?, ?, ?)|SETTINGS PATH ROLE SEED",
                "SELECT set_config('a' COLLATE \"C\", 'true', false)|SETTINGS PATH ROLE SEED",
                "SELECT set_config(?, f(true, true), true = false)|SETTINGS PATH ROLE SEED",
                "UPDATE t SET a = set_config('a.b', 'x', is_local => true)|SETTINGS",
                "SELECT set_config('a.b', set_config('c.d', 'x', false), true)|SETTINGS",
                "SELECT setseed(0.5)|SEED",
                "LISTEN a|LISTENING",
                "UNLISTEN *|LISTENING UNLISTENED",
                "UNLISTEN a|LISTENING UNLISTENED",
                "SELECT 1; LISTEN a|LISTENING",
                "PREPARE p AS SELECT 1|STATEMENTS",
                "PREPARE p AS SELECT pg_advisory_lock(1)|STATEMENTS LOCKS",
                "DEALLOCATE ALL|STATEMENTS",
                "EXECUTE p|SETTINGS ROLE LOCKS SEED",
                "EXPLAIN ANALYZE EXECUTE p|SETTINGS ROLE LOCKS SEED",
                "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT pg_advisory_lock(1)|CURSORS LOCKS",
                "CREATE TEMP TABLE t (a int)|TEMPORARY",
                "create local temporary table t (a int)|TEMPORARY",
                "CREATE OR REPLACE TEMP VIEW v AS SELECT 1|TEMPORARY",
                "CREATE TEMP SEQUENCE s|TEMPORARY",
                "CREATE TABLE pg_temp.t (a int)|TEMPORARY",
                "CREATE FUNCTION \"pg_temp\".f() RETURNS int LANGUAGE sql AS 'SELECT 1'|TEMPORARY",
                "SELECT 1 AS a INTO TEMP t|TEMPORARY",
                "WITH a AS (SELECT 1) SELECT * INTO LOCAL TEMPORARY TABLE t FROM a|TEMPORARY",
                "SELECT 1 INTO pg_temp.t|TEMPORARY",
                "EXPLAIN (ANALYZE) CREATE TEMP TABLE t AS SELECT 1|TEMPORARY",
                "DISCARD TEMP|TEMPORARY",
                "SELECT pg_advisory_lock(1)|LOCKS",
                "SELECT PG_CATALOG . pg_try_advisory_lock_shared /* a */ (1)|LOCKS",
                "SELECT \"pg_advisory_lock\"(1)|LOCKS",
                "EXPLAIN (SELECT pg_advisory_lock(1))|LOCKS",
                "COPY (SELECT pg_advisory_lock(1)) TO STDOUT|LOCKS",
                "WITH a AS (SELECT pg_advisory_lock(1)) DELETE FROM t|LOCKS",
                "INSERT INTO t SELECT pg_advisory_lock(1)|LOCKS",
                "CREATE TABLE t AS SELECT pg_advisory_lock(1)|LOCKS",
                "VALUES (pg_advisory_unlock(1))|LOCKS",
                "LOAD 'auto_explain'|LASTING",
                "SELECT dblink_connect('a', 'b')|LASTING",
                "SELECT * FROM pg_backup_start('a')|LASTING",
                "SELECT pg_create_logical_replication_slot('a', 'b', true)|LASTING",
            })
    void what_a_statement_leaves_is_seen(String sql, String residue) {
        assertThat(of(sql))
                .isEqualTo(Arrays.stream(residue.split(" "))
                        .map(Residue::valueOf)
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Residue.class))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DO $$ BEGIN END $$",
                "CALL p()",
                "{call p()}",
                "{? = call p()}",
                "SELECT 1; DO 'BEGIN END'",
                "WHATEVER 18 brings",
                "\"select\"",
                "1",
                "SELECT U&\"\\0070g_advisory_lock\"(1)",
            })
    void what_cannot_be_told_may_leave_anything(String sql) {
        assertThat(of(sql)).isEqualTo(Residue.ANYTHING);
    }

    @Test
    void what_discards_all_leaves_anything_and_ends_the_listening_of_others() {
        assertThat(of("DISCARD ALL")).containsAll(Residue.ANYTHING).contains(Residue.UNLISTENED);
    }

    @Test
    void a_backslash_in_a_plain_string_is_read_as_the_server_reads_it() {
        assertThat(ResidueScan.of("SELECT '\\'; LISTEN a; --'", true)).containsExactly(Residue.LISTENING);
        assertThat(ResidueScan.of("SELECT '\\'; LISTEN a; --'", false)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EXPLAIN ", "EXPLAIN (", "(", "set_config(", "SET ", "OR ", "INTO ", ";", ")", "INSERT "})
    @Timeout(10)
    void a_megabyte_of_anything_is_looked_at_in_linear_time(String piece) {
        of("CREATE " + piece.repeat(1_000_000 / piece.length()));
        of(piece.repeat(1_000_000 / piece.length()));
    }
}
