package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.MDC;

/**
 * A session that is lost in a lease is told of in the log: once, whoever finds out, and whatever becomes of the lease.
 */
@Timeout(60)
class LossLogTest {
    private static final String SECRET = "hunter2";
    private static final long A_SECOND = TimeUnit.SECONDS.toNanos(1);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager = DB.manager();

    private static String here() {
        return "was lost in the lease that thread \"" + Thread.currentThread().getName() + "\" had held for ";
    }

    /** The line about the session, which is the only warning. */
    private static String onlyWarning(LogCapture log) {
        List<String> warnings = log.warnings();
        assertThat(warnings).hasSize(1);
        return warnings.get(0);
    }

    // --- a call finds out ---------------------------------------------------------------------------------------

    @Test
    void a_call_that_finds_its_session_dead_is_told_of_with_the_holder_the_reason_and_what_happens_next()
            throws SQLException {
        try (LogCapture log = new LogCapture()) {
            assertThat(catchThrowable(() -> manager.useTransaction(lease -> {
                        insert(lease, "lost");
                        DB.kill(pid(lease));
                        query(lease, "SELECT 'never'");
                    })))
                    .isInstanceOf(SQLException.class);
            assertThat(onlyWarning(log))
                    .startsWith("The session of ManagedConnection[postgres")
                    .contains(here())
                    .contains("FATAL: terminating connection due to administrator command, SQLState 57P01. ")
                    .contains("Its last call: SELECT 'never'. ")
                    .endsWith("What was not committed is rolled back by the server, and the next lease opens a new"
                            + " session.");
            works(manager);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    private static void works(ManagedConnection manager) throws SQLException {
        manager.useConnection(lease -> {
            query(lease, "SELECT 1");
            if (!lease.getAutoCommit()) {
                lease.rollback();
            }
        });
    }

    @Test
    void a_lease_that_had_no_transaction_and_is_closed_later_is_told_of_once() throws SQLException {
        ManagedConnection plain = DB.closing(DB.builder().autoCommit(true).build());
        try (LogCapture log = new LogCapture()) {
            Lease lease = plain.acquire();
            DB.kill(pid(lease));
            assertThat(catchThrowable(() -> query(lease, "SELECT 1"))).isInstanceOf(SQLException.class);
            assertThat(onlyWarning(log)).contains(here());
            works(plain);
            assertThat(catchThrowable(lease::close)).isInstanceOf(SQLException.class);
            lease.close();
            lease.abort(Runnable::run);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void a_connection_of_a_data_source_whose_close_nobody_hears_is_told_of_once() throws SQLException {
        try (LogCapture log = new LogCapture()) {
            Connection connection = manager.asDataSource(false).getConnection();
            insert(connection, "lost");
            DB.kill(pid(connection));
            assertThat(catchThrowable(() -> insert(connection, "never"))).isInstanceOf(SQLException.class);
            assertThat(catchThrowable(connection::close)).isInstanceOf(SQLException.class);
            assertThat(onlyWarning(log)).contains(here()).contains("Its last call: INSERT INTO example");
        }
    }

    @Test
    void the_line_is_written_when_the_call_returns_and_has_the_holders_logging_context() throws SQLException {
        MDC.put("request", "42");
        try (LogCapture log = new LogCapture();
                Lease lease = manager.acquire()) {
            lease.setAutoCommit(true);
            DB.kill(pid(lease));
            long begun = System.nanoTime();
            assertThat(catchThrowable(() -> query(lease, "SELECT 1"))).isInstanceOf(SQLException.class);
            if (System.nanoTime() - begun < A_SECOND) { // for which it waits, and no longer
                assertThat(log.writtenAt(Level.WARN)).hasSize(1);
            }
            assertThat(log.at(Level.WARN))
                    .singleElement()
                    .satisfies(line -> assertThat(line.getMDCPropertyMap()).containsEntry("request", "42"));
            lease.abort(Runnable::run);
        } finally {
            MDC.remove("request");
        }
    }

    @Test
    void a_holder_is_named_whose_loss_another_thread_has_found() throws Exception {
        String here = here();
        try (LogCapture log = new LogCapture()) {
            Lease lease = manager.acquire();
            PgConnection raw = lease.unwrap(PgConnection.class);
            CompletableFuture<Integer> waiter = Elsewhere.call(() -> pid(manager));
            Awaitility.await().until(() -> manager.stats().waiting() == 1);
            raw.close();
            waiter.get();
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(onlyWarning(log)).contains(here).contains("ms: the connection is closed. "));
            lease.close();
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void a_commit_without_an_answer_is_told_of_as_what_may_be_committed() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection proxied =
                DB.closing(ManagedConnection.builder(proxy.source()).build());
        try (LogCapture log = new LogCapture()) {
            Connection connection = proxied.asDataSource(false).getConnection();
            insert(connection, "a");
            proxy.cutAnswerTo("COMMIT");
            assertThat(catchThrowable(connection::commit)).isInstanceOf(CommitOutcomeUnknownException.class);
            assertThat(catchThrowable(connection::close)).isInstanceOf(SQLException.class);
            assertThat(onlyWarning(log))
                    .contains(here())
                    .contains("Its last call: COMMIT. ")
                    .contains(", what was just being committed may or may not be committed, and the next lease");
        }
    }

    // --- the release finds out ----------------------------------------------------------------------------------

    @Test
    void a_release_whose_rollback_finds_the_session_dead_is_told_of() throws SQLException {
        try (LogCapture log = new LogCapture()) {
            assertThat(catchThrowable(() -> manager.useConnection(lease -> {
                        insert(lease, "lost");
                        DB.kill(pid(lease));
                    })))
                    .isInstanceOf(SQLException.class);
            assertThat(onlyWarning(log))
                    .contains(here())
                    .contains("it was released with a transaction open, and ROLLBACK failed (FATAL: terminating")
                    .contains("Its last call: INSERT INTO example");
        }
    }

    @Test
    void a_release_of_a_data_sources_connection_that_nobody_hears_names_the_holder_in_its_one_line()
            throws SQLException {
        try (LogCapture log = new LogCapture()) {
            Connection connection = manager.asDataSource(false).getConnection();
            insert(connection, "lost");
            DB.kill(pid(connection));
            assertThat(catchThrowable(connection::close)).isInstanceOf(SQLException.class);
            assertThat(onlyWarning(log))
                    .contains("ROLLBACK failed")
                    .contains("Thread \"" + Thread.currentThread().getName() + "\" had the lease.");
        }
    }

    @Test
    void a_session_that_is_given_up_since_a_call_did_not_end_is_told_of() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection impatient = DB.closing(ManagedConnection.builder(proxy.source())
                .releaseTimeout(Duration.ofMillis(300))
                .build());
        try (LogCapture log = new LogCapture()) {
            Lease lease = impatient.acquire();
            insert(lease, "lost");
            proxy.goDeaf();
            CompletableFuture<Throwable> call = Elsewhere.call(() -> catchThrowable(() -> query(lease, "SELECT 1")));
            Awaitility.await() // a call is under way before, which makes the statement
                    .until(() -> impatient
                            .holder()
                            .flatMap(Holder::statement)
                            .orElse("")
                            .equals("SELECT 1"));
            assertThat(catchThrowable(lease::close)).hasMessageContaining("did not end within the releaseTimeout");
            assertThat(call.get()).isInstanceOf(SQLException.class);
            assertThat(onlyWarning(log))
                    .contains(here())
                    .contains("a call, or the request to cancel it, did not end within the releaseTimeout of 300 ms");
        }
    }

    @Test
    void a_session_that_was_closed_past_the_lease_is_told_of_though_no_work_is_lost() throws SQLException {
        try (LogCapture log = new LogCapture()) {
            Lease lease = manager.acquire();
            lease.unwrap(PgConnection.class).close();
            lease.close();
            assertThat(onlyWarning(log)).contains(here()).contains("the connection is closed");
        }
    }

    // --- what another line says, or nobody has lost ---------------------------------------------------------------

    @Test
    void what_the_holder_or_the_manager_has_ended_is_no_loss() throws Exception {
        try (LogCapture log = new LogCapture()) {
            Lease aborted = manager.acquire();
            insert(aborted, "a");
            aborted.abort(Runnable::run);
            manager.useConnection(Lease::closeOnRelease);
            manager.useConnection(lease -> manager.reset());
            assertThat(log.warnings()).isEmpty();

            Lease revoked = manager.acquire();
            CompletableFuture<Throwable> call =
                    Elsewhere.call(() -> catchThrowable(() -> query(revoked, "SELECT pg_sleep(60)")));
            DB.awaitWaitingFor("PgSleep");
            assertThat(manager.revoke("enough")).isTrue();
            assertThat(call.get()).isInstanceOf(SQLException.class);
            works(manager);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(onlyWarning(log)).contains("was revoked with the reason"));

            ManagedConnection hasty = DB.closing(
                    DB.builder().releaseTimeout(Duration.ofMillis(100)).build());
            Lease last = hasty.acquire();
            insert(last, "a");
            hasty.close();
            assertThat(catchThrowable(last::close)).isInstanceOf(SQLException.class);
            Awaitility.await().untilAsserted(() -> assertThat(log.warnings()).hasSize(2));
            assertThat(log.warnings()).noneMatch(text -> text.contains("was lost"));
        }
    }

    // --- secrets ------------------------------------------------------------------------------------------------

    @Test
    void no_password_and_no_parameter_is_in_the_line() throws SQLException {
        try (LogCapture log = new LogCapture()) {
            assertThat(catchThrowable(() -> manager.useTransaction(lease -> {
                        try (PreparedStatement batch =
                                lease.prepareStatement("INSERT INTO example (key, value) VALUES (?, ?)")) {
                            for (int i = 0; i < 3; i++) {
                                batch.setString(1, "key " + i);
                                batch.setString(2, SECRET);
                                batch.addBatch();
                            }
                            DB.kill(pid(lease));
                            batch.executeBatch();
                        }
                    })))
                    .isInstanceOf(SQLException.class);
            assertThat(onlyWarning(log)).contains("terminating connection").doesNotContain(SECRET);
            assertThat(catchThrowable(() -> manager.useTransaction(lease -> {
                        DB.kill(pid(lease));
                        execute(lease, "ALTER ROLE CURRENT_USER PASSWORD '" + SECRET + "'");
                    })))
                    .isInstanceOf(SQLException.class);
            assertThat(log.warnings()).hasSize(2).last().asString().contains("ALTER ROLE CURRENT_USER PASSWORD ...");
            assertThat(log.everything()).doesNotContain(SECRET);
        }
    }
}
