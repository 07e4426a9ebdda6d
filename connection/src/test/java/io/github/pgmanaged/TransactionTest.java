package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.StringReader;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** What COMMIT means: it is done, or it is told. */
class TransactionTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @Test
    void in_transaction_commits_when_the_work_returns() throws SQLException {
        for (boolean autoCommit : new boolean[] {false, true}) {
            DB.update("TRUNCATE example");
            ManagedConnection manager =
                    DB.closing(DB.builder().autoCommit(autoCommit).build());
            String result = manager.inTransaction(lease -> {
                insert(lease, "a");
                assertThat(DB.rows()).isZero();
                return "done";
            });
            assertThat(result).isEqualTo("done");
            assertThat(DB.rows()).isEqualTo(1);
            manager.useConnection(lease -> assertThat(lease.getAutoCommit()).isEqualTo(autoCommit));
        }
    }

    @Test
    void in_transaction_rolls_back_when_the_work_throws_and_passes_a_checked_exception_as_it_is() throws SQLException {
        ManagedConnection manager = DB.manager();
        IOException boom = new IOException("boom");
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    throw boom;
                }))
                .isSameAs(boom)
                .hasNoSuppressedExceptions();
        assertThat(DB.rows()).isZero();
    }

    @Test
    void work_may_return_nothing() throws SQLException {
        assertThat(DB.manager().<String, SQLException>withConnection(lease -> null))
                .isNull();
    }

    @Test
    void committing_a_failed_transaction_is_an_error_and_the_session_stays() throws SQLException {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        SQLTransactionRollbackException told = catchThrowableOfType(
                SQLTransactionRollbackException.class,
                () -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    assertThat(state(() -> insert(lease, "a"))).isEqualTo("23505");
                }));
        assertThat(told.getSQLState()).isEqualTo("40000");
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
        assertThat(pid(manager)).isEqualTo(before);
        assertThat(DB.rows()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"COMMIT", "commit", " /* a */ COMMIT", "-- a\nCOMMIT", "END", "COMMIT AND CHAIN", "END WORK"})
    void an_sql_commit_of_a_failed_transaction_is_an_error_too(String commit) throws SQLException {
        for (boolean autoCommit : new boolean[] {false, true}) {
            ManagedConnection manager = DB.manager();
            manager.useConnection(lease -> {
                lease.setAutoCommit(autoCommit);
                execute(lease, "BEGIN");
                assertThat(state(() -> execute(lease, "SELECT 1/0"))).isEqualTo("22012");
                assertThat(state(() -> execute(lease, commit))).isEqualTo("40000");
                if (commit.contains("CHAIN")) {
                    assertThat(lease.status()).isEqualTo(TransactionStatus.IN_TRANSACTION);
                    execute(lease, "ROLLBACK");
                }
                assertThat(lease.status()).isEqualTo(TransactionStatus.IDLE);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ROLLBACK", "abort", "/* a */ Rollback work"})
    void an_sql_rollback_of_a_failed_transaction_is_none(String rollback) throws SQLException {
        DB.manager().useConnection(lease -> {
            insert(lease, "a");
            assertThat(state(() -> insert(lease, "a"))).isEqualTo("23505");
            execute(lease, rollback);
            assertThat(lease.status()).isEqualTo(TransactionStatus.IDLE);
        });
    }

    /** The ways to run a text. */
    enum Way {
        EXECUTE((lease, sql) -> execute(lease, sql)),
        EXECUTE_UPDATE((lease, sql) -> {
            try (Statement statement = lease.createStatement()) {
                statement.executeUpdate(sql);
            }
        }),
        EXECUTE_LARGE_UPDATE((lease, sql) -> {
            try (Statement statement = lease.createStatement()) {
                statement.executeLargeUpdate(sql);
            }
        }),
        RETURNING_KEYS((lease, sql) -> {
            try (Statement statement = lease.createStatement()) {
                statement.execute(sql, new int[0]);
            }
        }),
        PREPARED((lease, sql) -> {
            try (PreparedStatement statement = lease.prepareStatement(sql)) {
                statement.execute();
            }
        }),
        PREPARED_BATCH((lease, sql) -> {
            try (PreparedStatement statement = lease.prepareStatement(sql)) {
                statement.addBatch();
                statement.executeBatch();
            }
        }),
        CALLABLE((lease, sql) -> {
            try (PreparedStatement statement = lease.prepareCall(sql)) {
                statement.execute();
            }
        }),
        BATCH((lease, sql) -> {
            try (Statement statement = lease.createStatement()) {
                statement.addBatch(sql);
                statement.executeBatch();
            }
        }),
        LARGE_BATCH((lease, sql) -> {
            try (Statement statement = lease.createStatement()) {
                statement.addBatch(sql);
                statement.executeLargeBatch();
            }
        });

        interface Run {
            void run(Lease lease, String sql) throws Exception;
        }

        @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
        final Run run;

        Way(Run run) {
            this.run = run;
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_ends_a_failed_transaction_is_judged_by_its_first_statement_however_it_is_run(Way way) throws Exception {
        for (String end : new String[] {"ROLLBACK", ";ROLLBACK", "/* COMMIT /* a */ */ rollback", "COMMIT", ";; end"}) {
            DB.manager().useConnection(lease -> {
                insert(lease, "a");
                SQLException first = catchThrowableOfType(SQLException.class, () -> insert(lease, "a"));
                assertThat(state(() -> insert(lease, "a"))).isEqualTo("25P02");

                SQLException told = catchThrowableOfType(SQLException.class, () -> way.run.run(lease, end));

                if (end.toUpperCase(java.util.Locale.ROOT).endsWith("ROLLBACK")) {
                    assertThat((Throwable) told).as(end).isNull();
                } else {
                    assertThat((Throwable) told).as(end).isInstanceOf(SQLTransactionRollbackException.class);
                    assertThat(told.getCause()).isSameAs(first);
                }
                lease.rollback();
                assertThat(lease.status()).isEqualTo(TransactionStatus.IDLE);
            });
        }
        assertThat(DB.query("SELECT count(*) FROM example WHERE key = 'a'")).isEqualTo("0");
    }

    /** pgjdbc raises an error then, and leaves the copy under way. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "COMMIT; COPY example FROM STDIN",
                "INSERT INTO example VALUES ('a'); COPY example FROM STDIN",
                "COPY example TO STDOUT"
            })
    void a_copy_that_does_not_start_as_the_driver_thinks_costs_the_session_and_blocks_nobody(String sql)
            throws Exception {
        for (boolean autoCommit : new boolean[] {false, true}) {
            DB.update("TRUNCATE example");
            DB.update("INSERT INTO example SELECT i, repeat('x', 1000) FROM generate_series(1, 1000) i");
            ManagedConnection manager =
                    DB.closing(DB.builder().autoCommit(autoCommit).build());
            Lease lease = manager.acquire();
            SQLException told = catchThrowableOfType(
                    SQLException.class,
                    () -> lease.unwrap(PGConnection.class).getCopyAPI().copyIn(sql, new StringReader("copied\tb\n")));
            long rows = DB.rows();
            assertThat(rows == 1000 || told instanceof CommitOutcomeUnknownException)
                    .as("%s: %s rows", told, rows)
                    .isTrue();
            assertThat(catchThrowable(lease::close)).isInstanceOf(SQLException.class);
            manager.useTransaction(next -> assertThat(query(next, "SELECT 42")).isEqualTo("42"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_text_that_is_no_copy_is_told_to_be_complete_and_costs_nothing(boolean autoCommit) throws SQLException {
        ManagedConnection manager =
                DB.closing(DB.builder().autoCommit(autoCommit).build());
        int before = pid(manager);
        try (Lease lease = manager.acquire()) {
            for (String sql : List.of("INSERT INTO example VALUES ('a')", "SELECT 1; SELECT 'COPY example'")) {
                assertThat(catchThrowable(() ->
                                lease.unwrap(PGConnection.class).getCopyAPI().copyIn(sql, new StringReader(""))))
                        .hasMessageContaining("Received CommandComplete");
            }
            assertThat(query(lease, "SELECT count(*) FROM example")).isEqualTo("1");
            if (!autoCommit) {
                lease.commit();
            }
        }
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(pid(manager)).isEqualTo(before);
    }

    @Test
    void a_batch_is_judged_by_its_own_texts_and_not_by_those_of_one_before() throws SQLException {
        Lease lease = DB.manager().acquire();
        Statement statement = lease.createStatement();
        statement.addBatch("rollback");
        statement.executeBatch();
        assertThat(state(() -> execute(lease, "SELECT 1/0"))).isEqualTo("22012");
        statement.addBatch("commit");
        assertThat(state(statement::executeBatch)).isEqualTo("40000");
        statement.addBatch("INSERT INTO example VALUES ('a')");
        statement.executeBatch();
        OpenTransactionException told = catchThrowableOfType(OpenTransactionException.class, lease::close);
        assertThat(told.statement()).isEqualTo("INSERT INTO example VALUES ('a')");
    }

    @Test
    void a_call_in_a_failed_transaction_fails_and_is_no_commit() throws SQLException {
        DB.manager().useConnection(lease -> {
            assertThat(state(() -> execute(lease, "SELECT 1/0"))).isEqualTo("22012");
            assertThat(state(() -> lease.prepareCall("{call now()}").execute())).isEqualTo("25P02");
            assertThat(state(() -> lease.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY example FROM STDIN")))
                    .isEqualTo("25P02");
            lease.rollback();
        });
    }

    @Test
    void why_a_commit_was_in_vain_is_the_error_that_failed_this_transaction() throws SQLException {
        DB.manager().useConnection(lease -> {
            assertThat(state(() -> execute(lease, "SELEKT"))).isEqualTo("42601");
            lease.rollback();
            insert(lease, "a");
            var savepoint = lease.setSavepoint();
            assertThat(state(() -> insert(lease, "a"))).isEqualTo("23505");
            lease.rollback(savepoint);
            SQLException why = catchThrowableOfType(SQLException.class, () -> execute(lease, "SELECT 1/0"));
            assertThat(state(() -> execute(lease, "SELECT 1"))).isEqualTo("25P02");
            assertThat(catchThrowable(lease::commit))
                    .isInstanceOf(SQLTransactionRollbackException.class)
                    .hasMessageContaining("The cause is the error that failed it")
                    .cause()
                    .isSameAs(why);
        });
    }

    @Test
    void preparing_a_failed_transaction_for_two_phase_commit_is_an_error_too() throws SQLException {
        DB.manager().useConnection(lease -> {
            assertThat(state(() -> execute(lease, "SELECT 1/0"))).isEqualTo("22012");
            assertThat(state(() -> execute(lease, "PREPARE TRANSACTION 'a'"))).isEqualTo("40000");
        });
    }

    @Test
    void turning_autocommit_on_in_a_failed_transaction_is_an_error_too() throws SQLException {
        DB.manager().useConnection(lease -> {
            assertThat(state(() -> execute(lease, "SELECT 1/0"))).isEqualTo("22012");
            assertThat(state(() -> lease.setAutoCommit(true))).isEqualTo("40000");
            assertThat(lease.status()).isEqualTo(TransactionStatus.IDLE);
        });
    }

    @Test
    void turning_autocommit_on_does_so_even_if_the_transaction_cannot_be_committed() throws SQLException {
        DB.update("DROP TABLE IF EXISTS late");
        DB.update("CREATE TABLE late (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        DB.manager().useConnection(lease -> {
            for (String failing : new String[] {"SELECT 1/0", "INSERT INTO late VALUES (1), (1)"}) {
                lease.setAutoCommit(false);
                SQLException first = catchThrowableOfType(SQLException.class, () -> execute(lease, failing));
                SQLException told = catchThrowableOfType(SQLException.class, () -> lease.setAutoCommit(true));
                assertThat(told.getSQLState()).isEqualTo(first == null ? "23505" : "40000");
                assertThat(told.getCause()).isSameAs(first);
                assertThat(lease.getAutoCommit()).isTrue();
                lease.setAutoCommit(true);
                execute(lease, "SELECT 1");
                assertThat(lease.status()).isEqualTo(TransactionStatus.IDLE);
            }
        });
    }

    @Test
    void turning_autocommit_on_commits_as_jdbc_says() throws SQLException {
        DB.manager().useConnection(lease -> {
            insert(lease, "a");
            lease.setAutoCommit(true);
        });
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void a_savepoint_rescues_a_failed_transaction() throws SQLException {
        DB.manager().useTransaction(lease -> {
            insert(lease, "a");
            var savepoint = lease.setSavepoint();
            assertThat(state(() -> insert(lease, "a"))).isEqualTo("23505");
            lease.rollback(savepoint);
            insert(lease, "b");
        });
        assertThat(DB.rows()).isEqualTo(2);
    }

    @Test
    void a_batch_names_its_first_statement_when_it_leaves_a_transaction_open() throws SQLException {
        Lease lease = DB.manager().acquire();
        try (Statement statement = lease.createStatement()) {
            statement.addBatch("INSERT INTO example VALUES ('a')");
            statement.addBatch("INSERT INTO example VALUES ('b')");
            statement.executeBatch();
        }
        assertThat(catchThrowableOfType(OpenTransactionException.class, lease::close)
                        .statement())
                .isEqualTo("INSERT INTO example VALUES ('a')");
    }

    // --- outcome unknown ----------------------------------------------------------------------------------------

    /** Ends its own session while COMMIT is under way. */
    private static void tableThatKillsAtCommit() throws SQLException {
        DB.update("DROP TABLE IF EXISTS deadly");
        DB.update("CREATE TABLE deadly (a int)");
        DB.update("CREATE OR REPLACE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
                + " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$");
        DB.update("CREATE CONSTRAINT TRIGGER die AFTER INSERT ON deadly DEFERRABLE INITIALLY DEFERRED"
                + " FOR EACH ROW EXECUTE FUNCTION die()");
    }

    @Test
    void a_connection_lost_during_commit_leaves_the_outcome_unknown_and_says_so() throws SQLException {
        tableThatKillsAtCommit();
        ManagedConnection manager = DB.manager();
        CommitOutcomeUnknownException told = catchThrowableOfType(
                CommitOutcomeUnknownException.class,
                () -> manager.useTransaction(lease -> execute(lease, "INSERT INTO deadly VALUES (1)")));
        assertThat(told.getSQLState()).isEqualTo("08007");
        assertThat(((SQLException) told.getCause()).getSQLState()).isEqualTo("57P01");
        assertThat(manager.isOpen()).isFalse();
        manager.useTransaction(lease -> assertThat(query(lease, "SELECT 1")).isEqualTo("1"));
    }

    @Test
    void an_sql_commit_that_loses_the_connection_says_so_too() throws SQLException {
        tableThatKillsAtCommit();
        ManagedConnection manager = DB.manager();
        try (Lease lease = manager.acquire()) {
            lease.setAutoCommit(true);
            execute(lease, "BEGIN");
            execute(lease, "INSERT INTO deadly VALUES (1)");
            assertThat(state(() -> execute(lease, "COMMIT"))).isEqualTo("08007");
            lease.abort(Runnable::run);
        }
    }

    @Test
    void a_commit_that_was_never_sent_is_plainly_failed() throws SQLException {
        ManagedConnection manager = DB.manager();
        try (Lease lease = manager.acquire()) {
            insert(lease, "a");
            assertThat(state(() -> execute(lease, "SELECT pg_terminate_backend(pg_backend_pid())")))
                    .isEqualTo("57P01");
            assertThat(state(lease::commit)).isEqualTo("08003");
            lease.abort(Runnable::run);
        }
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_commit_of_nothing_that_loses_the_connection_is_plainly_failed() throws SQLException {
        for (String before : new String[] {"SELECT 1", "BEGIN; SELECT 1/0"}) {
            ManagedConnection manager = DB.closing(DB.builder().autoCommit(true).build());
            Lease lease = manager.acquire();
            SQLException failed = catchThrowableOfType(SQLException.class, () -> execute(lease, before));
            assertThat(lease.status()).isEqualTo(failed == null ? TransactionStatus.IDLE : TransactionStatus.IN_ERROR);
            DB.kill(pid(lease));
            assertThat(state(() -> execute(lease, "COMMIT"))).isEqualTo("57P01");
            lease.abort(Runnable::run);
            lease.close();
        }
    }

    @Test
    void a_constraint_that_fails_at_commit_is_a_plain_error() throws SQLException {
        DB.update("DROP TABLE IF EXISTS late");
        DB.update("CREATE TABLE late (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        assertThat(state(() -> manager.useTransaction(lease -> execute(lease, "INSERT INTO late VALUES (1), (1)"))))
                .isEqualTo("23505");
        assertThat(pid(manager)).isEqualTo(before);
    }

    @Test
    void a_commit_in_a_session_that_the_server_has_ended_before_is_plainly_failed() throws SQLException {
        try (Lease lease = DB.manager().acquire()) {
            // In one message, after which the server waits for no more than that.
            execute(lease, "INSERT INTO example VALUES ('a'); SET idle_in_transaction_session_timeout = '100ms'");
            Awaitility.await().until(() -> DB.sessions() == 0);
            assertThat(state(lease::commit)).isEqualTo("25P03");
        } catch (SQLException e) {
            assertThat(e.getMessage()).contains("was lost while the lease was held");
        }
        assertThat(DB.rows()).isZero();
    }
}
