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

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.jdbc.PgConnection;

/** The release table, a test a cell: the backend's PID, the server's state, the rows, what is told, and the log. */
class ReleaseTableTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** How the lease ends. */
    enum Ending {
        CLOSED,
        RETURNED,
        THREW
    }

    /** What the holder did before, and what the table says of it. */
    enum Situation {
        UNTOUCHED(true, null, false, lease -> {}),
        IDLE(true, null, false, lease -> {
            insert(lease, "committed");
            lease.commit();
            execute(DB.admin(), "DELETE FROM example");
        }),
        IMPLICIT_BEGIN(true, OpenTransactionException.class, false, lease -> insert(lease, "a")),
        SQL_BEGIN_UNDER_AUTOCOMMIT(true, OpenTransactionException.class, false, lease -> {
            lease.setAutoCommit(true);
            execute(lease, "BEGIN");
            insert(lease, "a");
        }),
        FAILED_TRANSACTION(true, OpenTransactionException.class, false, lease -> {
            insert(lease, "a");
            assertThatThrownBy(() -> insert(lease, "a")).hasMessageContaining("duplicate key");
        }),
        FAILED_SQL_BEGIN_UNDER_AUTOCOMMIT(true, OpenTransactionException.class, false, lease -> {
            lease.setAutoCommit(true);
            execute(lease, "BEGIN");
            insert(lease, "a");
            assertThatThrownBy(() -> execute(lease, "SELECT 1/0")).hasMessageContaining("division by zero");
        }),
        THROUGH_THE_DRIVERS_INTERFACE(
                true,
                OpenTransactionException.class,
                false,
                lease -> lease.unwrap(org.postgresql.PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY example FROM STDIN", new java.io.StringReader("a\tb\n"))),
        RAW_CONNECTION_ESCAPED(false, null, false, lease -> lease.unwrap(PgConnection.class)),
        TRANSACTION_ON_AN_ESCAPED_CONNECTION(
                false, OpenTransactionException.class, false, lease -> insert(lease.unwrap(PgConnection.class), "a")),
        HEALTHY_ERROR_UNDER_AUTOCOMMIT(true, null, false, lease -> {
            lease.setAutoCommit(true);
            assertThatThrownBy(() -> execute(lease, "SELEKT")).hasMessageContaining("syntax error");
        }),
        FEATURE_ERROR(true, null, false, lease -> {
            lease.setAutoCommit(true);
            assertThat(state(() -> lease.createStruct("a", new Object[0]))).isEqualTo("0A000");
        }),
        ERROR_OF_UNKNOWN_STANDING(false, null, false, lease -> {
            lease.setAutoCommit(true);
            try (Statement statement = lease.createStatement();
                    var rows = statement.executeQuery("SELECT 1")) {
                rows.next();
                assertThat(state(() -> rows.getObject(1, (Class<?>) null))).isEqualTo("none");
            }
        }),
        FATAL_ERROR_SEEN(false, SQLNonTransientConnectionException.class, true, lease -> {
            insert(lease, "a");
            assertThat(state(() -> execute(lease, "SELECT pg_terminate_backend(pg_backend_pid())")))
                    .isEqualTo("57P01");
        }),
        FATAL_ERROR_SEEN_UNDER_AUTOCOMMIT(false, SQLNonTransientConnectionException.class, true, lease -> {
            lease.setAutoCommit(true);
            assertThat(state(() -> execute(lease, "SELECT pg_terminate_backend(pg_backend_pid())")))
                    .isEqualTo("57P01");
        }),
        KILLED_UNNOTICED_IN_A_TRANSACTION(false, SQLNonTransientConnectionException.class, true, lease -> {
            insert(lease, "a");
            DB.kill(pid(lease));
        }),
        KILLED_UNNOTICED_IN_A_FAILED_TRANSACTION(false, SQLNonTransientConnectionException.class, true, lease -> {
            insert(lease, "a");
            assertThatThrownBy(() -> insert(lease, "a")).hasMessageContaining("duplicate key");
            DB.kill(pid(lease));
        }),
        ABORTED_BY_THE_HOLDER(false, null, false, lease -> {
            insert(lease, "a");
            lease.abort(Runnable::run);
        }),
        CLOSE_ON_RELEASE(false, null, false, Lease::closeOnRelease),
        CLOSE_ON_RELEASE_IN_A_TRANSACTION(false, OpenTransactionException.class, false, lease -> {
            lease.closeOnRelease();
            insert(lease, "a");
        });

        final boolean kept;
        final Class<? extends SQLException> told;
        final boolean suppressed;

        @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
        final Action<Exception> deed;

        Situation(boolean kept, Class<? extends SQLException> told, boolean suppressed, Action<Exception> deed) {
            this.kept = kept;
            this.told = told;
            this.suppressed = suppressed;
            this.deed = deed;
        }
    }

    static Stream<Arguments> cells() {
        return Arrays.stream(Situation.values())
                .flatMap(situation -> Arrays.stream(Ending.values()).map(ending -> Arguments.of(situation, ending)));
    }

    @ParameterizedTest(name = "{0}, then {1}")
    @MethodSource("cells")
    void the_table(Situation situation, Ending ending) throws Exception {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        IllegalStateException boom = new IllegalStateException("boom");

        Throwable told;
        try (LogCapture log = new LogCapture()) {
            told = catchThrowable(() -> end(manager, situation, ending, boom));

            boolean rolledBack = situation.told == OpenTransactionException.class;
            boolean tried = rolledBack || situation.name().startsWith("KILLED");
            assertThat(log.at(Level.DEBUG).stream()
                            .map(ILoggingEvent::getFormattedMessage)
                            .filter(text -> text.startsWith("Rolling back")))
                    .as("ordinary")
                    .hasSize(tried && ending == Ending.THREW ? 1 : 0)
                    .allMatch(text -> text.endsWith("since the work threw java.lang.IllegalStateException: boom"));
            boolean lost = situation.told == SQLNonTransientConnectionException.class;
            assertThat(log.warnings())
                    .as("left open, or lost")
                    .hasSize(lost || (rolledBack && ending != Ending.THREW) ? 1 : 0)
                    .allMatch(text -> lost
                            ? text.contains("was lost in the lease that thread")
                            : text.startsWith("Did not commit or rollback open transaction"));
            assertThat(manager.stats().rollbacks()).isEqualTo(rolledBack ? 1 : 0);
        }

        if (ending == Ending.THREW) {
            assertThat(told).isSameAs(boom);
            assertThat(told.getSuppressed()).hasSize(situation.suppressed ? 1 : 0);
        } else if (situation.told == null) {
            assertThat(told).isNull();
        } else {
            assertThat(told).isExactlyInstanceOf(situation.told);
            assertThat(told.getSuppressed()).isEmpty();
        }
        assertThat(manager.isOpen()).isEqualTo(situation.kept);
        assertThat(manager.status()).isEqualTo(situation.kept ? TransactionStatus.IDLE : TransactionStatus.CLOSED);

        // the next holder
        try (Lease next = manager.acquire()) {
            assertThat(pid(next) == before).as("same session").isEqualTo(situation.kept);
            assertThat(next.status()).isEqualTo(TransactionStatus.IDLE);
            assertThat(next.getAutoCommit()).isFalse();
            assertThat(query(next, "SELECT pg_current_xact_id_if_assigned()")).isNull();
            next.commit();
        }
        assertThat(DB.rows()).as("nothing is committed by letting go").isZero();
        assertThat(manager.stats().openTransactions())
                .isEqualTo(situation.told == OpenTransactionException.class && ending != Ending.THREW ? 1 : 0);
        Awaitility.await().until(() -> DB.sessions() == 1);
    }

    private static void end(ManagedConnection manager, Situation situation, Ending ending, RuntimeException boom)
            throws Exception {
        switch (ending) {
            case CLOSED -> {
                Lease lease = manager.acquire();
                situation.deed.run(lease);
                lease.close();
            }
            case RETURNED -> manager.useConnection(situation.deed);
            case THREW ->
                manager.useConnection(lease -> {
                    situation.deed.run(lease);
                    throw boom;
                });
        }
    }

    @Test
    void an_error_of_class_08_that_ends_the_work_costs_nothing_if_no_call_on_the_lease_raised_it() throws SQLException {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        SQLException error = new SQLException("by hand", "08006");

        assertThatThrownBy(() -> manager.useConnection(lease -> {
                    throw error;
                }))
                .isSameAs(error);

        assertThat(pid(manager)).isEqualTo(before);
    }

    @Test
    void an_open_transaction_is_described() throws SQLException {
        ManagedConnection manager = DB.manager();
        Lease lease = manager.acquire();
        insert(lease, "a");
        assertThat(query(lease, "SELECT 2")).isEqualTo("2");

        OpenTransactionException told = catchThrowableOfType(OpenTransactionException.class, lease::close);

        assertThat(told.status()).isEqualTo(TransactionStatus.IN_TRANSACTION);
        assertThat(told.statement()).isEqualTo("INSERT INTO example (key, value) VALUES ('a', 'bar')");
        assertThat(told.thread()).isEqualTo(Thread.currentThread().getName());
        assertThat(told.openFor()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
        assertThat(told.getSQLState()).isEqualTo("25000");
    }

    @Test
    void the_statement_named_is_the_one_that_opened_this_transaction_and_not_an_earlier_one() throws SQLException {
        Lease lease = DB.manager().acquire();
        query(lease, "SELECT 1");
        lease.commit();
        try (var prepared = lease.prepareStatement("SELECT ?::int")) {
            prepared.setInt(1, 2);
            prepared.executeQuery();
        }

        OpenTransactionException told = catchThrowableOfType(OpenTransactionException.class, lease::close);

        assertThat(told.statement()).isEqualTo("SELECT ?::int");
    }

    @Test
    void a_transaction_begun_past_the_lease_has_no_known_statement() throws SQLException {
        Lease lease = DB.manager().acquire();
        insert(lease.unwrap(PgConnection.class), "a");

        OpenTransactionException told = catchThrowableOfType(OpenTransactionException.class, lease::close);

        assertThat(told.statement()).isNull();
        assertThat(told.thread()).isNull();
        assertThat((Throwable) told).hasMessageContaining("session is closed");
    }

    @Test
    void in_try_with_resources_our_exception_rides_on_the_bodys() {
        IllegalStateException boom = new IllegalStateException("boom");

        assertThatThrownBy(() -> {
                    try (Lease lease = DB.manager().acquire()) {
                        insert(lease, "a");
                        throw boom;
                    }
                })
                .isSameAs(boom)
                .satisfies(e -> assertThat(e.getSuppressed()[0]).isInstanceOf(OpenTransactionException.class));
    }

    @Test
    void in_try_with_resources_a_lost_session_is_told_beside_the_bodys_own_error() {
        assertThatThrownBy(() -> {
                    try (Lease lease = DB.manager().acquire()) {
                        execute(lease, "SELECT pg_terminate_backend(pg_backend_pid())");
                    }
                })
                .isInstanceOf(SQLException.class)
                .satisfies(e -> {
                    assertThat(((SQLException) e).getSQLState()).isEqualTo("57P01");
                    assertThat(e.getSuppressed()).hasSize(1);
                    assertThat(e.getSuppressed()[0]).hasMessageContaining("next lease opens a new session");
                });
    }

    @Test
    void errors_and_interrupts_count_as_thrown() {
        ManagedConnection manager = DB.manager();
        for (Throwable thrown : new Throwable[] {new OutOfMemoryError("pretended"), new InterruptedException("told")}) {
            assertThatThrownBy(() -> manager.useConnection(lease -> {
                        insert(lease, "a");
                        if (thrown instanceof Error e) {
                            throw e;
                        }
                        throw (Exception) thrown;
                    }))
                    .isSameAs(thrown);
            assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
        }
    }

    // --- another thread is still in a call ----------------------------------------------------------------------

    @ParameterizedTest
    @org.junit.jupiter.params.provider.EnumSource(Ending.class)
    void a_call_that_another_thread_is_in_is_cancelled(Ending ending) throws Exception {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        IllegalStateException boom = new IllegalStateException("boom");
        CompletableFuture<?>[] other = new CompletableFuture<?>[1];
        Action<Exception> leavesACallBehind = lease -> {
            insert(lease, "a");
            other[0] = Elsewhere.run(() -> execute(lease, "SELECT pg_sleep(60)"));
            DB.awaitSleep(before);
            assertThat(manager.status()).isEqualTo(TransactionStatus.ACTIVE);
        };

        Throwable told = catchThrowable(() -> {
            switch (ending) {
                case CLOSED -> {
                    Lease lease = manager.acquire();
                    leavesACallBehind.run(lease);
                    lease.close();
                }
                case RETURNED -> manager.useConnection(leavesACallBehind);
                case THREW ->
                    manager.useConnection(lease -> {
                        leavesACallBehind.run(lease);
                        throw boom;
                    });
            }
        });

        if (ending == Ending.THREW) {
            assertThat(told).isSameAs(boom);
        } else {
            assertThat(told)
                    .isInstanceOfSatisfying(
                            OpenTransactionException.class,
                            e -> assertThat(e.status()).isEqualTo(TransactionStatus.IN_ERROR));
        }
        assertThat(catchThrowableOfType(ExecutionException.class, other[0]::get).getCause())
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        assertThat(pid(manager)).isEqualTo(before);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_call_that_does_not_heed_the_cancel_costs_the_session_after_the_release_timeout() throws Exception {
        ManagedConnection manager =
                DB.closing(DB.builder().releaseTimeout(Duration.ofMillis(300)).build());
        Lease lease = manager.acquire();
        int before = pid(lease);
        execute(
                lease,
                "CREATE FUNCTION pg_temp.stubborn() RETURNS void LANGUAGE plpgsql AS $$ BEGIN LOOP BEGIN"
                        + " PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$");
        CompletableFuture<Throwable> other =
                Elsewhere.call(() -> catchThrowable(() -> execute(lease, "SELECT pg_temp.stubborn()")));
        DB.awaitSleep(before);

        assertThatThrownBy(lease::close)
                .isInstanceOf(SQLNonTransientConnectionException.class)
                .hasMessageContaining("did not end within the releaseTimeout of 300 ms");

        assertThat(other.get()).isInstanceOf(SQLException.class);
        assertThat(pid(manager)).isNotEqualTo(before);
    }

    @Test
    void an_undrained_call_is_told_beside_the_works_own_exception() {
        ManagedConnection manager =
                DB.closing(DB.builder().releaseTimeout(Duration.ofMillis(300)).build());
        IllegalStateException boom = new IllegalStateException("boom");
        assertThatThrownBy(() -> manager.useConnection(lease -> {
                    execute(
                            lease,
                            "CREATE FUNCTION pg_temp.stubborn() RETURNS void LANGUAGE plpgsql AS $$ BEGIN LOOP BEGIN"
                                    + " PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP;"
                                    + " END $$");
                    int pid = pid(lease);
                    var unused = Elsewhere.run(() -> execute(lease, "SELECT pg_temp.stubborn()"));
                    DB.awaitSleep(pid);
                    throw boom;
                }))
                .isSameAs(boom)
                .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("did not end within"));
    }

    // --- RESET_ALWAYS -------------------------------------------------------------------------------------------

    @Test
    void under_reset_always_a_database_error_that_ends_the_work_resets_the_session() throws SQLException {
        ManagedConnection manager = DB.closing(
                DB.builder().databaseErrors(DatabaseErrors.RESET_ALWAYS).build());
        int before = pid(manager);

        assertThatThrownBy(() -> manager.useConnection(lease -> execute(lease, "SELEKT")))
                .hasMessageContaining("syntax error");

        assertThat(manager.isOpen()).isFalse();
        assertThat(pid(manager)).isNotEqualTo(before);
    }

    @Test
    void under_reset_always_a_database_error_that_the_work_has_dealt_with_keeps_the_session() throws SQLException {
        ManagedConnection manager = DB.closing(
                DB.builder().databaseErrors(DatabaseErrors.RESET_ALWAYS).build());
        int before = pid(manager);

        manager.useConnection(lease -> {
            assertThatThrownBy(() -> execute(lease, "SELEKT")).hasMessageContaining("syntax error");
            lease.rollback();
        });

        assertThat(pid(manager)).isEqualTo(before);
    }

    @Test
    void under_reset_always_a_closed_lease_counts_any_error_that_it_saw() throws SQLException {
        ManagedConnection manager = DB.closing(
                DB.builder().databaseErrors(DatabaseErrors.RESET_ALWAYS).build());
        int before = pid(manager);

        try (Lease lease = manager.acquire()) {
            assertThatThrownBy(() -> execute(lease, "SELEKT")).hasMessageContaining("syntax error");
            lease.rollback();
        }

        assertThat(pid(manager)).isNotEqualTo(before);
    }

    @Test
    void an_error_of_the_library_itself_says_nothing_of_the_session() throws SQLException {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        Lease old = manager.acquire();
        old.close();

        assertThatThrownBy(() -> manager.useConnection(lease -> old.createStatement()))
                .isInstanceOf(LeaseReleasedException.class);

        assertThat(pid(manager)).isEqualTo(before);
    }

    @Test
    void a_lease_may_be_released_by_another_thread() throws Exception {
        ManagedConnection manager = DB.manager();
        Lease lease = manager.acquire();
        insert(lease, "a");

        Throwable told = Elsewhere.call(() -> catchThrowable(lease::close)).get();

        assertThat(told).isInstanceOf(OpenTransactionException.class);
        Connection next = manager.acquire(); // and the thread that acquired the first may acquire again
        next.close();
    }

    @Test
    void closing_twice_does_nothing_to_the_next_holder() throws SQLException {
        ManagedConnection manager = DB.manager();
        Lease old = manager.acquire();
        old.close();
        try (Lease next = manager.acquire()) {
            insert(next, "a");
            old.close();
            old.closeOnRelease();
            assertThat(next.status()).isEqualTo(TransactionStatus.IN_TRANSACTION);
            next.commit();
        }
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(manager.stats().closed()).isZero();
    }

    /** A source whose connections only say that they did what a method asks, from when they are told to. */
    private static ManagedConnection idleIn(String idle, AtomicBoolean from) {
        return DB.closing(ManagedConnection.builder(DataSources.of(() ->
                        DataSources.with(DB.source().getConnection(), (method, go) -> {
                            return method.equals(idle) && from.get() ? null : go.call();
                        })))
                .build());
    }

    @Test
    void a_wrapper_that_only_says_that_it_rolled_back_has_no_say_in_the_release() throws SQLException {
        AtomicBoolean idle = new AtomicBoolean();
        ManagedConnection manager = idleIn("rollback", idle);
        Lease lease = manager.acquire();
        int pid = pid(lease);
        execute(lease, "INSERT INTO public.example VALUES ('a')");
        idle.set(true);
        assertThatThrownBy(lease::close).isInstanceOf(OpenTransactionException.class);
        assertThat(manager.stats().rollbacks()).isEqualTo(1);
        assertThat(pid(manager)).isEqualTo(pid);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_wrapper_that_only_says_that_it_set_autocommit_has_no_say_in_the_restoring_of_settings() throws SQLException {
        AtomicBoolean idle = new AtomicBoolean();
        ManagedConnection manager = idleIn("setAutoCommit", idle);
        Lease lease = manager.acquire();
        int pid = pid(lease);
        lease.setSchema("pg_catalog");
        lease.commit();
        idle.set(true);
        lease.close();
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
        try (Lease next = manager.acquire()) {
            assertThat(pid(next)).isEqualTo(pid);
            assertThat(next.getSchema()).isEqualTo("public");
            next.rollback();
        }
    }
}
