package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.testing.DeafProxy;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.postgresql.largeobject.LargeObject;

/** Whatever commits, its answer can be lost; and then it is told that nobody knows. */
@Timeout(60)
class UndecidedTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final String INSERT = "INSERT INTO example VALUES ('a')";

    private static DeafProxy proxy;
    private ManagedConnection manager;

    @BeforeEach
    void putTheProxyBetween() throws Exception {
        // A backend whose client is gone may be at a COMMIT of the test before.
        Awaitility.await().until(() -> DB.sessions() == 0);
        DB.update("TRUNCATE example");
        proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        manager = DB.closing(ManagedConnection.builder(proxy.source()).build());
        DB.update("CREATE OR REPLACE PROCEDURE committing() LANGUAGE plpgsql AS"
                + " $$ BEGIN INSERT INTO example VALUES ('a'); COMMIT; PERFORM 'mark'; END $$");
    }

    /** How a lease commits, with the answer lost. */
    enum Way {
        COMMIT_IN_SQL(lease -> {
            insert(lease, "a");
            losing(lease, "COMMIT");
        }),
        END_IN_SQL(lease -> {
            insert(lease, "a");
            losing(lease, "/* a /* b */ */ ; END");
        }),
        COMMIT_BEHIND_OTHERS(lease -> losing(lease, INSERT + "; COMMIT")),
        COMMIT_BEFORE_OTHERS(lease -> {
            insert(lease, "a");
            losing(lease, "COMMIT; SELECT 1");
        }),
        COMMIT_BETWEEN_OTHERS(lease -> losing(lease, INSERT + "; COMMIT; SELECT 1")),
        COMMIT_IN_A_BATCH(lease -> losingBatch(lease, INSERT, "COMMIT")),
        COMMIT_IN_A_LARGE_BATCH(lease -> {
            try (Statement statement = lease.createStatement()) {
                statement.addBatch(INSERT);
                statement.addBatch("COMMIT");
                proxy.cutAnswerTo("COMMIT");
                statement.executeLargeBatch();
            }
        }),
        COMMIT_PREPARED_BY_JDBC(lease -> {
            insert(lease, "a");
            try (PreparedStatement statement = lease.prepareStatement("COMMIT")) {
                proxy.cutAnswerTo("COMMIT");
                statement.execute();
            }
        }),
        A_LARGE_OBJECT_THAT_COMMITS_ON_CLOSE(lease -> {
            insert(lease, "a");
            var api = lease.unwrap(PGConnection.class).getLargeObjectAPI();
            LargeObject object = api.open(api.createLO(), true);
            proxy.cutAnswerTo("COMMIT");
            object.close();
        }),
        TURNING_AUTOCOMMIT_ON(lease -> {
            insert(lease, "a");
            proxy.cutAnswerTo("COMMIT");
            lease.setAutoCommit(true);
        }),
        A_STATEMENT_UNDER_AUTOCOMMIT(lease -> {
            lease.setAutoCommit(true);
            losing(lease, INSERT);
        }),
        A_PREPARED_STATEMENT_UNDER_AUTOCOMMIT(lease -> {
            lease.setAutoCommit(true);
            try (PreparedStatement statement = lease.prepareStatement(INSERT)) {
                proxy.cutAnswerTo(INSERT);
                statement.executeUpdate();
            }
        }),
        A_QUERY_UNDER_AUTOCOMMIT(lease -> {
            lease.setAutoCommit(true);
            try (Statement statement = lease.createStatement()) {
                proxy.cutAnswerTo(INSERT);
                statement.executeQuery(INSERT + " RETURNING key");
            }
        }),
        A_BATCH_UNDER_AUTOCOMMIT(lease -> {
            lease.setAutoCommit(true);
            losingBatch(lease, INSERT);
        }),
        A_STATEMENT_BEHIND_A_ROLLBACK_UNDER_AUTOCOMMIT(lease -> {
            lease.setAutoCommit(true);
            execute(lease, "BEGIN");
            losing(lease, "ROLLBACK; " + INSERT);
        }),
        A_STATEMENT_BEHIND_A_ROLLBACK(lease -> {
            insert(lease, "b");
            losing(lease, "ROLLBACK; " + INSERT);
        }),
        A_ROW_UNDER_AUTOCOMMIT(lease -> {
            lease.setAutoCommit(true);
            try (Statement statement =
                            lease.createStatement(ResultSet.TYPE_SCROLL_SENSITIVE, ResultSet.CONCUR_UPDATABLE);
                    ResultSet rows = statement.executeQuery("SELECT key, value FROM example")) {
                rows.moveToInsertRow();
                rows.updateString(1, "a");
                proxy.cutAnswerTo("INSERT");
                rows.insertRow();
            }
        }),
        A_CALL(lease -> {
            lease.setAutoCommit(true);
            losing(lease, "CALL committing()");
        }),
        A_DO(lease -> {
            lease.setAutoCommit(true);
            losing(lease, "DO $$ BEGIN " + INSERT + "; COMMIT; END $$");
        }),
        A_COPY_UNDER_AUTOCOMMIT(lease -> {
            lease.setAutoCommit(true);
            proxy.cutAnswerTo("a\tb");
            lease.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY example FROM STDIN", new StringReader("a\tb\n"));
        }),
        A_COPY_THAT_IS_ENDED_UNDER_AUTOCOMMIT(lease -> {
            lease.setAutoCommit(true);
            CopyIn copy = lease.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY example FROM STDIN");
            byte[] row = "a\tb\n".getBytes(StandardCharsets.UTF_8);
            copy.writeToCopy(row, 0, row.length);
            proxy.cutAnswerTo("a\tb");
            copy.endCopy();
        });

        @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
        final Action<Exception> deed;

        Way(Action<Exception> deed) {
            this.deed = deed;
        }
    }

    private static void losing(Lease lease, String sql) throws SQLException {
        // The driver sends the parts of a text one by one, in one write.
        String[] parts = sql.split(";");
        proxy.cutAnswerTo(parts[parts.length - 1].strip());
        execute(lease, sql);
    }

    private static void losingBatch(Lease lease, String... texts) throws SQLException {
        try (Statement statement = lease.createStatement()) {
            for (String text : texts) {
                statement.addBatch(text);
            }
            proxy.cutAnswerTo(texts[texts.length - 1]);
            statement.executeBatch();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatever_commits_and_is_not_answered_is_undecided(Way way) throws Exception {
        Lease lease = manager.acquire();

        SQLException told = catchThrowableOfType(SQLException.class, () -> way.deed.run(lease));

        assertThat((Throwable) told).isInstanceOf(CommitOutcomeUnknownException.class);
        assertThat(told.getSQLState()).isEqualTo("08007");
        Awaitility.await().until(() -> DB.rows() == 1);
        // What the usual code does next says it again, and hides nothing.
        for (SQLException again : new SQLException[] {
            catchThrowableOfType(SQLException.class, lease::rollback),
            catchThrowableOfType(SQLException.class, () -> lease.setAutoCommit(true))
        }) {
            assertThat((Throwable) again).isInstanceOf(CommitOutcomeUnknownException.class);
            assertThat(again.getCause()).isSameAs(told.getCause());
            told.addSuppressed(again);
        }
        // try-with-resources suppresses this one, so it has no cause that would be shown as a circle.
        Throwable atRelease = catchThrowable(lease::close);
        assertThat(atRelease).isInstanceOf(CommitOutcomeUnknownException.class).hasNoCause();
        told.addSuppressed(atRelease);
        assertThat(manager.stats().commitsUnknown()).isEqualTo(1);
        assertThat(state(lease::rollback)).as("released").isEqualTo("08003");
    }

    @ParameterizedTest
    @EnumSource
    void in_a_lambda_it_is_told_once(Way way) {
        Throwable told = catchThrowable(() -> manager.useConnection(way.deed));
        assertThat(told).isInstanceOf(CommitOutcomeUnknownException.class).hasNoSuppressedExceptions();
    }

    /** What is lost without having committed anything. */
    enum Harmless {
        A_STATEMENT_IN_A_TRANSACTION(lease -> {
            insert(lease, "b");
            losing(lease, INSERT);
        }),
        THE_FIRST_STATEMENT(lease -> losing(lease, INSERT)),
        A_COMMIT_IN_A_STRING(lease -> {
            insert(lease, "b");
            losing(lease, "INSERT INTO example VALUES ('a', '; COMMIT; ')");
        }),
        A_COMMIT_IN_A_COMMENT(lease -> {
            insert(lease, "b");
            proxy.cutAnswerTo("INSERT");
            execute(lease, INSERT + " /* ; COMMIT /* ; COMMIT */ ; COMMIT */");
        }),
        A_ROLLBACK_TO_A_SAVEPOINT(lease -> {
            insert(lease, "b");
            execute(lease, "SAVEPOINT s");
            losing(lease, "ROLLBACK TO s; " + INSERT);
        }),
        A_COMMIT_OF_A_FAILED_TRANSACTION(lease -> {
            insert(lease, "b");
            assertThat(state(() -> execute(lease, "SELEKT"))).isEqualTo("42601");
            losing(lease, "COMMIT");
        }),
        A_SETTING(lease -> {
            lease.setAutoCommit(true);
            losing(lease, "SET work_mem = '8MB'");
        }),
        A_BACKEND_THAT_SAYS_THAT_IT_ENDS(lease -> {
            lease.setAutoCommit(true);
            execute(
                    lease,
                    "INSERT INTO example SELECT 'a' FROM (SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)) t");
        });

        @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
        final Action<Exception> deed;

        Harmless(Action<Exception> deed) {
            this.deed = deed;
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_cannot_have_committed_is_plainly_lost(Harmless harmless) throws Exception {
        Lease lease = manager.acquire();
        SQLException told = catchThrowableOfType(SQLException.class, () -> harmless.deed.run(lease));
        assertThat(told.getSQLState()).isIn("08006", "57P01");
        assertThat(catchThrowable(lease::close)).isNotInstanceOf(CommitOutcomeUnknownException.class);
        assertThat(DB.rows()).isZero();
        assertThat(manager.stats().commitsUnknown()).isZero();
    }

    @Test
    void a_backend_that_ends_in_a_procedure_may_have_committed_before() throws Exception {
        DB.update("CREATE OR REPLACE PROCEDURE deadly() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO example VALUES ('a');"
                + " COMMIT; PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); END $$");
        for (String call : new String[] {"CALL deadly()", "; /* a */ call deadly()"}) {
            DB.update("TRUNCATE example");
            Lease lease = manager.acquire();
            lease.setAutoCommit(true);
            assertThat(state(() -> execute(lease, call))).isEqualTo("08007");
            assertThat(state(lease::close)).isEqualTo("08007");
            assertThat(DB.rows()).isEqualTo(1);
        }
    }

    @Test
    void a_backend_that_ends_behind_a_commit_has_committed_before() throws Exception {
        Lease lease = manager.acquire();
        assertThat(state(() -> execute(
                        lease, INSERT + "; COMMIT; SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)")))
                .isEqualTo("08007");
        assertThat(state(lease::close)).isEqualTo("08007");
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void the_commit_of_a_copy_out_is_undecided_too() throws Exception {
        Lease lease = manager.acquire();
        lease.setAutoCommit(true);
        proxy.cutAnswerTo("COPY");
        CopyOut[] copy = new CopyOut[1];
        assertThat(state(() -> {
                    copy[0] = lease.unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyOut("COPY (" + INSERT + " RETURNING key) TO STDOUT");
                    while (copy[0].readFromCopy() != null) {}
                }))
                .isEqualTo("08007");
        assertThat(state(lease::close)).isEqualTo("08007");
    }

    @Test
    void verified_commits_ask_for_nothing_but_commits_of_the_lease() throws Exception {
        ManagedConnection verified = DB.closing(
                ManagedConnection.builder(proxy.source()).verifyCommits(true).build());
        CommitOutcomeUnknownException told = catchThrowableOfType(
                CommitOutcomeUnknownException.class,
                () -> verified.useTransaction(lease -> losing(lease, INSERT + "; COMMIT")));
        assertThat(told.transactionId()).isNull();
        assertThat(told.getMessage())
                .contains("INSERT INTO example")
                .contains("only for a commit()")
                .doesNotContain("written nothing");
        assertThat(verified.outcomeOf(told)).isEqualTo(CommitOutcome.UNKNOWN);
    }

    @Test
    void a_commit_that_the_work_has_swallowed_is_not_taken_for_the_last_one() throws Exception {
        ManagedConnection verified = DB.closing(
                ManagedConnection.builder(proxy.source()).verifyCommits(true).build());
        Throwable told = catchThrowable(() -> verified.useTransaction(lease -> {
            insert(lease, "a");
            proxy.cutAnswerTo("COMMIT");
            assertThat(state(lease::commit)).isEqualTo("08007");
            assertThat(state(() -> insert(lease, "b"))).isEqualTo("08003");
        }));
        assertThat(told).isInstanceOf(SQLException.class);
    }
}
