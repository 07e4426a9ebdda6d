package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;

/** The messages whose words no other test reads: each is provoked, and says what happened and what to change. */
@Timeout(60)
class MessageInventoryTest {
    private static final Duration SHORT = Duration.ofMillis(300);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager = DB.manager();

    private static void awaitLine(LogCapture log, Level level, String... words) {
        Awaitility.await()
                .untilAsserted(() -> assertThat(log.at(level))
                        .extracting(ILoggingEvent::getFormattedMessage)
                        .anySatisfy(text -> assertThat(text).contains(words)));
    }

    // --- options ------------------------------------------------------------------------------------------------

    @Test
    void an_option_that_cannot_be_is_named() {
        ManagedConnection.Builder builder = DB.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ManagedConnection.builder((DataSource) null))
                .withMessage("source: must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.name(" "))
                .withMessageStartingWith("name: must not be null or blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxWaiting(-1))
                .withMessage("maxWaiting: must not be negative: -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.databaseErrors(null))
                .withMessage("databaseErrors: must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.sessionReset(null))
                .withMessage("sessionReset: must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.onOpen(null))
                .withMessage("onOpen: must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxLease(Duration.ZERO))
                .withMessage("maxLease: must not be zero");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.acquireTimeout(null))
                .withMessage("acquireTimeout: must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manager.acquire(Duration.ofSeconds(-1)))
                .withMessage("timeout: must not be negative: PT-1S");
    }

    // --- the data source ----------------------------------------------------------------------------------------

    @Test
    void what_the_data_source_cannot_do_is_said_with_what_can() {
        DataSource source = manager.asDataSource();
        assertThatThrownBy(() -> source.getConnection("me", "secret"))
                .hasMessageContaining("has one session with one user: name the user in the conninfo")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> source.setLogWriter(null)).hasMessage("pgmanaged logs through slf4j.");
        assertThatThrownBy(source::getParentLogger).hasMessage("pgmanaged logs through slf4j.");
        assertThatThrownBy(() -> source.setLoginTimeout(1))
                .hasMessage("Set acquireTimeout on the builder, and connect_timeout in the conninfo.");
        for (Class<?> type : new Class<?>[] {String.class, null}) {
            assertThatThrownBy(() -> source.unwrap(type))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("Cannot unwrap to " + (type == null ? "null" : "java.lang.String"))
                    .hasMessageContaining("unwraps to a ManagedConnection");
        }
    }

    // --- acquiring ----------------------------------------------------------------------------------------------

    @Test
    void a_thread_that_is_interrupted_while_it_waits_learns_that_it_has_no_lease() throws Exception {
        try (Lease lease = manager.acquire()) {
            assertThat(Elsewhere.call(() -> {
                                Thread.currentThread().interrupt();
                                return catchThrowable(manager::acquire);
                            })
                            .get())
                    .isInstanceOf(AcquireInterruptedException.class)
                    .hasMessageContaining("Interrupted while waiting for a lease of ManagedConnection[")
                    .hasMessageContaining("no lease was acquired, and the interrupt flag is set");
            assertThat(lease.isClosed()).isFalse();
        }
    }

    @Test
    void a_thread_that_is_one_too_many_learns_how_many_may_wait() throws Exception {
        ManagedConnection full = DB.closing(DB.builder().maxWaiting(0).build());
        try (Lease lease = full.acquire()) {
            assertThat(Elsewhere.call(() -> catchThrowable(full::acquire)).get())
                    .isInstanceOf(AcquireRejectedException.class)
                    .hasMessageContaining("maxWaiting(0) threads are waiting already; nothing was changed")
                    .hasMessageContaining("raise maxWaiting");
            assertThat(lease.isClosed()).isFalse();
        }
    }

    @Test
    void while_the_server_is_away_those_who_wait_learn_the_last_failure() throws Exception {
        AtomicBoolean away = new AtomicBoolean();
        ManagedConnection waiting = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    if (away.get()) {
                        throw new SQLException("the server is away", "08001");
                    }
                    return DB.source().getConnection();
                }))
                .build());
        pid(waiting);
        away.set(true);
        waiting.reset();
        CompletableFuture<Throwable> first =
                Elsewhere.call(() -> catchThrowable(() -> waiting.acquire(Duration.ofSeconds(4))));
        Awaitility.await().until(() -> waiting.stats().openingFailures() > 1);
        assertThatThrownBy(() -> waiting.acquire(SHORT))
                .hasMessageContaining("Thread \"elsewhere\" has the turn, and its session is not ready")
                .hasMessageFindingMatch(
                        "opening a session has failed [0-9]+ times in the last [0-9]+ ms, last [0-9]+ ms"
                                + " ago: the server is away")
                .hasMessageContaining("see to the server");
        assertThat(first.get())
                .hasMessageContaining("No thread holds it, but no session could be opened, and the last attempt failed:"
                        + " the server is away")
                .hasMessageContaining(" in a row)")
                .hasMessageContaining("Each lease tries again until its time is up");
    }

    @Test
    void a_hook_that_throws_is_named_and_so_is_what_became_of_the_session() {
        ManagedConnection hooked = DB.closing(DB.builder()
                .onOpen(connection -> {
                    throw new IllegalStateException("boom");
                })
                .build());
        assertThatThrownBy(hooked::acquire)
                .hasMessageContaining("The onOpen hook of ManagedConnection[")
                .hasMessageContaining("threw an exception, so the new session was closed: ")
                .hasMessageContaining("boom");
    }

    // --- calls of a lease ---------------------------------------------------------------------------------------

    @Test
    void what_a_lease_cannot_do_is_said() throws SQLException {
        try (Lease lease = manager.acquire()) {
            assertThatThrownBy(() -> lease.unwrap(Runnable.class)).hasMessage("Cannot unwrap to java.lang.Runnable");
            assertThatThrownBy(() -> lease.unwrap(null)).hasMessageContaining("name the interface that is wanted");
            assertThatThrownBy(() -> lease.abort(null)).hasMessage("abort(null): give an executor");
            lease.setAutoCommit(true);
            assertThatThrownBy(() ->
                            lease.unwrap(PGConnection.class).getLargeObjectAPI().open(1L))
                    .hasMessage("Large objects need a transaction: turn autocommit off.");
        }
    }

    private static java.io.InputStream breaking() {
        return new java.io.InputStream() {
            @Override
            public int read() {
                throw new IllegalStateException("the stream breaks");
            }
        };
    }

    @Test
    void a_call_that_ends_in_the_middle_of_a_message_is_named_as_what_lost_the_session() throws SQLException {
        Lease lease = manager.acquire();
        assertThat(catchThrowable(() -> {
                    try (var statement = lease.prepareStatement("SELECT length(?)")) {
                        statement.setBinaryStream(1, breaking(), 10);
                        statement.executeQuery();
                    }
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(lease::close)
                .hasMessageContaining("was lost while the lease was held (a call ended in the middle: "
                        + "java.lang.IllegalStateException)")
                .hasMessageContaining("the next lease opens a new session");
    }

    @Test
    void a_call_on_a_lease_whose_session_is_lost_says_that_a_new_lease_opens_another() throws SQLException {
        Lease lease = manager.acquire();
        DB.kill(pid(lease));
        assertThat(catchThrowable(() -> query(lease, "SELECT 1"))).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> query(lease, "SELECT 1"))
                .isInstanceOf(LeaseReleasedException.class)
                .hasMessageContaining("was lost while this lease was held; the call did not reach the server")
                .hasMessageContaining("Acquire a new lease, which opens a new session");
        lease.abort(Runnable::run);
    }

    // --- COMMIT -------------------------------------------------------------------------------------------------

    @Test
    void a_commit_that_became_a_rollback_says_what_to_look_for() {
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    assertThat(catchThrowable(() -> insert(lease, "a"))).isNotNull();
                }))
                .hasMessageContaining("The transaction had failed before COMMIT")
                .hasMessageContaining("nothing of it is committed")
                .hasMessageContaining("The cause is the error that failed it");
    }

    @Test
    void a_commit_without_an_answer_says_what_can_be_known_of_it() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection plain =
                DB.closing(ManagedConnection.builder(proxy.source()).build());
        assertThatThrownBy(() -> plain.useTransaction(lease -> {
                    insert(lease, "a");
                    proxy.cutAnswerTo("COMMIT");
                }))
                .hasMessageContaining("was lost during COMMIT, so the transaction may or may not be committed")
                .hasMessageContaining("Check the database before you retry the work, or set verifyCommits");

        ManagedConnection verifying = DB.closing(
                ManagedConnection.builder(proxy.source()).verifyCommits(true).build());
        try (Lease lease = verifying.acquire()) {
            insert(lease, "b");
            proxy.cutAnswerTo("COMMIT");
            assertThatThrownBy(lease::commit)
                    .hasMessageFindingMatch("so the transaction \\(ID [0-9]+\\) may or may not be committed")
                    .hasMessageContaining("Call outcomeOf, or check the database");
            lease.abort(Runnable::run);
        }
        try (LogCapture log = new LogCapture()) {
            verifying.useTransaction(lease -> {
                insert(lease, "c");
                proxy.cutAnswerTo("COMMIT");
            });
            awaitLine(log, Level.INFO, "was lost during COMMIT", "The server says: committed.");
        }
        DB.update("CREATE OR REPLACE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
                + " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$");
        DB.update("CREATE TABLE deadly (a int)");
        DB.update("CREATE CONSTRAINT TRIGGER die AFTER INSERT ON deadly DEFERRABLE INITIALLY DEFERRED"
                + " FOR EACH ROW EXECUTE FUNCTION die()");
        assertThatThrownBy(() -> verifying.useTransaction(lease -> execute(lease, "INSERT INTO deadly VALUES (1)")))
                .hasMessageFindingMatch("the server says that transaction [0-9]+ is rolled back: nothing of it is"
                        + " committed, and the work can be repeated");
    }

    // --- releases and sessions ----------------------------------------------------------------------------------

    @Test
    void settings_that_cannot_be_restored_cost_the_session_and_the_log_says_why() throws SQLException {
        try (LogCapture log = new LogCapture()) {
            try (Lease lease = manager.acquire()) {
                lease.setAutoCommit(true);
                lease.setSchema("pg_catalog");
                DB.kill(pid(lease));
            }
            assertThat(log.warnings())
                    .singleElement()
                    .satisfies(text -> assertThat(text)
                            .contains("Could not restore the settings of ManagedConnection[")
                            .contains("the session is closed: ")
                            .contains("terminating connection"));
        }
    }

    @Test
    void a_server_that_is_not_idle_after_the_settings_were_restored_costs_the_session_and_is_logged() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection proxied =
                DB.closing(ManagedConnection.builder(proxy.source()).build());
        try (LogCapture log = new LogCapture()) {
            try (Lease lease = proxied.acquire()) {
                lease.setAutoCommit(true);
                lease.setSchema("pg_catalog");
                proxy.sayInTransaction();
            }
            assertThat(log.warnings())
                    .singleElement()
                    .satisfies(text -> assertThat(text)
                            .contains("Restoring the settings of ManagedConnection[")
                            .contains("left it IN_TRANSACTION; the session is closed"));
        }
        assertThat(proxied.isOpen()).isFalse();
    }

    @Test
    void a_session_that_is_not_what_was_asked_for_any_more_is_given_up_in_libpqs_words() throws SQLException {
        String uri = DB.conninfo();
        ManagedConnection writing = DB.closing(
                ManagedConnection.builder(uri + (uri.contains("?") ? "&" : "?") + "target_session_attrs=read-write")
                        .validateAfterIdle(Duration.ZERO)
                        .autoCommit(true)
                        .sessionReset(SessionReset.JDBC_SETTINGS)
                        .build());
        writing.useConnection(lease -> execute(lease, "SET default_transaction_read_only = on"));
        try (LogCapture log = new LogCapture()) {
            pid(writing);
            awaitLine(log, Level.INFO, "is given up: ", "session is read-only");
        }
    }

    @Test
    void a_session_that_is_closed_since_nobody_used_it_is_logged() throws SQLException {
        ManagedConnection idling = DB.closing(DB.builder().idleTimeout(SHORT).build());
        try (LogCapture log = new LogCapture()) {
            pid(idling);
            awaitLine(log, Level.DEBUG, "is closed: no lease within its idleTimeout");
        }
        assertThat(idling.stats().closed()).isEqualTo(1);
    }

    @Test
    void a_session_that_is_too_old_at_the_next_lease_is_logged() throws SQLException {
        ManagedConnection ageing = DB.closing(DB.builder().maxLifetime(SHORT).build());
        pid(ageing);
        try (LogCapture log = new LogCapture()) {
            Awaitility.await().until(() -> {
                ageing.acquire().close();
                return ageing.stats().opened() > 1;
            });
            awaitLine(log, Level.DEBUG, "is given up, and a new one is opened: it has lived for its maxLifetime");
        }
    }

    @Test
    void a_lease_that_is_revoked_says_what_it_did_last() throws Exception {
        ManagedConnection strict =
                DB.closing(DB.builder().maxLease(Duration.ofMillis(1500)).build());
        try (LogCapture log = new LogCapture()) {
            Lease lease = strict.acquire();
            insert(lease, "a");
            awaitLine(
                    log,
                    Level.ERROR,
                    "had held it for longer than the maxLease of 1500 ms. It was idle in a transaction after: INSERT INTO",
                    "Its session is closed",
                    "or raise maxLease");
            assertThatThrownBy(lease::close).hasMessageContaining("after: INSERT INTO");
        }
        ManagedConnection recovering =
                DB.closing(DB.builder().releaseTimeout(SHORT).build());
        try (LogCapture log = new LogCapture()) {
            Lease lost = Elsewhere.callToTheEnd(() -> {
                Lease lease = recovering.acquire();
                insert(lease, "a");
                return lease;
            });
            pid(recovering);
            awaitLine(
                    log,
                    Level.ERROR,
                    "was never released: the thread has ended",
                    "It was idle in a transaction after: INSERT INTO");
            assertThatThrownBy(lost::close).hasMessageContaining("after: INSERT INTO");
        }
    }
}
