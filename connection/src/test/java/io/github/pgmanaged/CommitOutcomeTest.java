package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.lostCommit;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With {@code verifyCommits} the server is asked what became of a COMMIT that was never answered. */
@Timeout(60)
class CommitOutcomeTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private DeafProxy proxy;
    private ManagedConnection manager;

    @BeforeEach
    void putTheProxyBetween() throws Exception {
        proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        manager = DB.closing(ManagedConnection.builder(proxy.source())
                .verifyCommits(true)
                .acquireTimeout(Duration.ofSeconds(20))
                .build());
    }

    /** Runs a statement when the transaction commits. */
    private static void atCommit(String plpgsql) throws SQLException {
        DB.update("DROP TABLE IF EXISTS deferring");
        DB.update("CREATE TABLE deferring (a int)");
        DB.update("CREATE OR REPLACE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + plpgsql
                + "; RETURN NULL; END $$");
        DB.update("CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON deferring DEFERRABLE INITIALLY DEFERRED"
                + " FOR EACH ROW EXECUTE FUNCTION at_commit()");
    }

    @Test
    void a_transaction_that_is_committed_returns_as_if_nothing_had_happened() throws SQLException {
        String result = manager.inTransaction(lease -> {
            insert(lease, "a");
            proxy.cutAnswerTo("COMMIT");
            return "done";
        });
        assertThat(result).isEqualTo("done");
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(manager.stats().opened()).as("the connection was cut").isEqualTo(2);
    }

    @Test
    void one_that_takes_its_time_on_the_server_is_waited_for() throws SQLException {
        atCommit("PERFORM pg_sleep(1)");
        manager.useTransaction(lease -> {
            insert(lease, "a");
            execute(lease, "INSERT INTO deferring VALUES (1)");
            proxy.cutAnswerTo("COMMIT");
        });
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void one_that_is_rolled_back_says_so() throws SQLException {
        atCommit("PERFORM pg_terminate_backend(pg_backend_pid())");
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    execute(lease, "INSERT INTO deferring VALUES (1)");
                }))
                .isInstanceOf(SQLTransactionRollbackException.class)
                .hasMessageContaining("the server says that transaction ")
                .hasMessageContaining("is rolled back")
                .hasCauseInstanceOf(CommitOutcomeUnknownException.class);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void without_a_lambda_one_asks_later() throws SQLException {
        CommitOutcomeUnknownException unknown = lostCommit(manager, proxy);
        assertThat(unknown.transactionId()).isNotBlank();
        assertThat(unknown.getMessage()).contains("(ID " + unknown.transactionId() + ")");
        assertThat(manager.outcomeOf(unknown)).isEqualTo(CommitOutcome.COMMITTED);
    }

    @Test
    void committed_is_not_said_once_the_id_may_be_another_transactions() throws SQLException {
        CommitOutcomeUnknownException committed = lostCommit(manager, proxy);
        DB.update("SELECT pg_stat_reset_shared('bgwriter')"); // as after a crash
        assertThat(manager.outcomeOf(committed)).isEqualTo(CommitOutcome.UNKNOWN);
    }

    @Test
    void rolled_back_is_still_said_then() throws SQLException {
        atCommit("PERFORM pg_terminate_backend(pg_backend_pid())");
        Lease lease = manager.acquire();
        execute(lease, "INSERT INTO deferring VALUES (1)");
        CommitOutcomeUnknownException unknown =
                catchThrowableOfType(CommitOutcomeUnknownException.class, lease::commit);
        assertThatThrownBy(lease::close).isInstanceOf(SQLException.class);
        DB.update("SELECT pg_stat_reset_shared('bgwriter')");
        assertThat(manager.outcomeOf(unknown)).isEqualTo(CommitOutcome.ROLLED_BACK);
    }

    @Test
    void a_transaction_that_wrote_nothing_has_no_id_and_says_so() {
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    execute(lease, "SELECT 1");
                    proxy.cutAnswerTo("COMMIT");
                }))
                .isInstanceOfSatisfying(CommitOutcomeUnknownException.class, e -> {
                    assertThat(e.transactionId()).isNull();
                    assertThat(e.getMessage()).contains("had written nothing");
                    assertThat(state(() -> manager.outcomeOf(e))).isEqualTo(CommitOutcome.UNKNOWN);
                });
    }

    private interface Asking {
        CommitOutcome ask() throws SQLException;
    }

    private static CommitOutcome state(Asking asking) {
        try {
            return asking.ask();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void without_the_option_the_outcome_is_unknown_and_nothing_is_asked() throws Exception {
        try (ManagedConnection plain = ManagedConnection.of(DB.conninfo())) {
            assertThat(plain.isOpen()).isFalse();
        }
        ManagedConnection unverified =
                DB.closing(ManagedConnection.builder(proxy.source()).build());
        assertThatThrownBy(() -> unverified.useTransaction(lease -> {
                    insert(lease, "a");
                    proxy.cutAnswerTo("COMMIT");
                }))
                .isInstanceOfSatisfying(
                        CommitOutcomeUnknownException.class,
                        e -> assertThat(e.transactionId()).isNull())
                .hasMessageContaining("may or may not be committed")
                .hasMessageContaining("set verifyCommits");
        assertThat(unverified.stats().opened()).isEqualTo(1);
    }

    @Test
    void an_ordinary_user_may_ask() throws SQLException {
        DB.update("DROP ROLE IF EXISTS pgmanaged_ordinary");
        DB.update("CREATE ROLE pgmanaged_ordinary");
        DB.update("GRANT INSERT ON example TO pgmanaged_ordinary");
        try {
            ManagedConnection ordinary = DB.closing(ManagedConnection.builder(proxy.source())
                    .verifyCommits(true)
                    .onOpen(connection -> execute(connection, "SET ROLE pgmanaged_ordinary"))
                    .build());
            ordinary.useTransaction(lease -> {
                insert(lease, "a");
                proxy.cutAnswerTo("COMMIT");
            });
            assertThat(DB.rows()).isEqualTo(1);
        } finally {
            DB.update("REVOKE ALL ON example FROM pgmanaged_ordinary");
            DB.update("DROP ROLE pgmanaged_ordinary");
        }
    }

    /** What a lease has left in the session that asks, or a hook in the session that commits. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET TIME ZONE 'America/New_York'",
                "SET DateStyle = 'ISO, DMY'",
                "SET search_path = impostor, pg_catalog",
                "SET statement_timeout = 1",
                "SET ROLE pgmanaged_restricted",
                "SET extra_float_digits = -15",
                "SET lc_time = 'C'"
            })
    void what_a_setting_does_to_a_session_changes_nothing_of_the_answer(String setting) throws SQLException {
        DB.update("DROP SCHEMA IF EXISTS impostor CASCADE");
        DB.update("CREATE SCHEMA impostor");
        DB.update("CREATE DOMAIN impostor.text AS pg_catalog.text CHECK (false)");
        DB.update("CREATE FUNCTION impostor.cat(pg_catalog.text, pg_catalog.text) RETURNS pg_catalog.text"
                + " LANGUAGE sql AS $$ SELECT CAST('impostor' AS pg_catalog.text) $$");
        DB.update("CREATE OPERATOR impostor.|| (FUNCTION = impostor.cat, LEFTARG = pg_catalog.text,"
                + " RIGHTARG = pg_catalog.text)");
        DB.update("GRANT USAGE ON SCHEMA impostor TO PUBLIC");
        DB.update("DROP ROLE IF EXISTS pgmanaged_restricted");
        DB.update("CREATE ROLE pgmanaged_restricted");
        DB.update("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
        try {
            CommitOutcomeUnknownException unknown = lostCommit(manager, proxy);
            manager.useConnection(lease -> {
                lease.setAutoCommit(true);
                execute(lease, setting);
            });
            assertThat(manager.outcomeOf(unknown)).isEqualTo(CommitOutcome.COMMITTED);
            manager.useConnection(lease -> {
                lease.setAutoCommit(true);
                execute(lease, "SELECT 1");
            });

            ManagedConnection hooked = DB.closing(ManagedConnection.builder(proxy.source())
                    .verifyCommits(true)
                    // What the library asks for itself at an opening must come through.
                    .onOpen(connection -> execute(connection, setting.replace("timeout = 1", "timeout = 10000")))
                    .build());
            assertThat(hooked.outcomeOf(unknown)).isEqualTo(CommitOutcome.COMMITTED);
        } finally {
            DB.update("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC");
            DB.update("DROP ROLE pgmanaged_restricted");
            DB.update("DROP SCHEMA impostor CASCADE");
        }
    }

    @Test
    void one_that_takes_longer_than_there_is_time_stays_unknown() throws SQLException {
        ManagedConnection hasty = DB.closing(ManagedConnection.builder(proxy.source())
                .verifyCommits(true)
                .acquireTimeout(Duration.ofSeconds(2))
                .build());
        hasty.open(Duration.ofSeconds(30)); // what is short is the time for the question
        atCommit("PERFORM pg_sleep(6)");
        assertThatThrownBy(() -> hasty.useTransaction(lease -> {
                    insert(lease, "a");
                    execute(lease, "INSERT INTO deferring VALUES (1)");
                    proxy.cutAnswerTo("COMMIT");
                }))
                .isInstanceOf(CommitOutcomeUnknownException.class);
        assertThat(DB.rows()).as("it is still under way").isZero();
        Awaitility.await().until(() -> DB.rows() == 1);
    }

    @Test
    void a_commit_of_the_works_own_is_not_taken_for_the_end_of_the_work() {
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    proxy.cutAnswerTo("COMMIT");
                    lease.commit();
                    throw new AssertionError("there was no answer");
                }))
                .isInstanceOf(CommitOutcomeUnknownException.class);
    }

    @Test
    void a_server_that_cannot_be_asked_is_told_beside_it() throws SQLException {
        ManagedConnection hasty = DB.closing(ManagedConnection.builder(proxy.source())
                .verifyCommits(true)
                .acquireTimeout(Duration.ofSeconds(1))
                .build());
        hasty.open(Duration.ofSeconds(30)); // what is short is the time for the question
        assertThatThrownBy(() -> hasty.useTransaction(lease -> {
                    insert(lease, "a");
                    proxy.refuseToListen();
                    proxy.cutAnswerTo("COMMIT");
                }))
                .isInstanceOfSatisfying(
                        CommitOutcomeUnknownException.class,
                        e -> assertThat(e.getSuppressed()).hasAtLeastOneElementOfType(AcquireTimeoutException.class));
    }

    @Test
    void a_connection_that_was_lost_before_commit_is_plainly_lost() {
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    DB.kill(pid(lease));
                }))
                .isInstanceOf(SQLException.class)
                .isNotInstanceOf(CommitOutcomeUnknownException.class);
    }

    /** In the same incarnation of the server, in a later one, and in another database system. */
    @Test
    void what_is_said_depends_on_where_the_id_was_given() throws SQLException {
        String same = lostCommit(manager, proxy).incarnation();
        String later = same + " later";
        String foreign = "1" + same;
        String committed = DB.query("WITH t AS (INSERT INTO example VALUES ('b') RETURNING 1)"
                + " SELECT pg_current_xact_id()::text FROM t");
        assertThat(outcome(committed, same)).isEqualTo(CommitOutcome.COMMITTED);
        assertThat(outcome(committed, later)).isEqualTo(CommitOutcome.UNKNOWN);
        assertThat(outcome(committed, foreign)).isEqualTo(CommitOutcome.UNKNOWN);
        DB.update("BEGIN");
        String open = DB.query("SELECT pg_current_xact_id()::text");
        assertThat(outcome(open, same)).isEqualTo(CommitOutcome.IN_PROGRESS);
        assertThat(outcome(open, later)).as("it may be another").isEqualTo(CommitOutcome.UNKNOWN);
        DB.update("ROLLBACK");
        assertThat(outcome(open, same)).isEqualTo(CommitOutcome.ROLLED_BACK);
        assertThat(outcome(open, later)).isEqualTo(CommitOutcome.ROLLED_BACK);
        assertThat(outcome(open, foreign)).isEqualTo(CommitOutcome.UNKNOWN);
        String future = "999999999";
        assertThat(outcome(future, same)).isEqualTo(CommitOutcome.UNKNOWN);
        assertThat(outcome(future, later)).as("no trace of it").isEqualTo(CommitOutcome.ROLLED_BACK);
    }

    private CommitOutcome outcome(String id, String incarnation) throws SQLException {
        return manager.outcomeOf(new CommitOutcomeUnknownException("test", id, incarnation, new SQLException()));
    }

    @Test
    void an_interrupt_ends_the_asking() throws Exception {
        ManagedConnection patient = DB.closing(ManagedConnection.builder(proxy.source())
                .verifyCommits(true)
                .acquireTimeout(Duration.ofMinutes(10))
                .build());
        atCommit("PERFORM pg_advisory_xact_lock(4711)");
        execute(DB.admin(), "SELECT pg_advisory_lock(4711)");
        try {
            Thread[] asking = new Thread[1];
            CompletableFuture<Boolean> kept = Elsewhere.call(() -> {
                asking[0] = Thread.currentThread();
                assertThatThrownBy(() -> patient.useTransaction(lease -> {
                            insert(lease, "a");
                            execute(lease, "INSERT INTO deferring VALUES (1)");
                            proxy.cutAnswerTo("COMMIT");
                        }))
                        .isInstanceOf(CommitOutcomeUnknownException.class);
                return Thread.interrupted();
            });
            Awaitility.await("it has asked, and asked again")
                    .until(() -> patient.stats().leases() >= 3);
            asking[0].interrupt();
            assertThat(kept.get(20, TimeUnit.SECONDS)).as("the flag is kept").isTrue();
        } finally {
            execute(DB.admin(), "SELECT pg_advisory_unlock(4711)");
        }
    }
}
