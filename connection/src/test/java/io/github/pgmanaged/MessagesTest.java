package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.jdbc.PgConnection;

/** What the library says after a mistake, read as one who makes it for the first time: it is so, and it helps. */
@Timeout(60)
class MessagesTest {
    private static final Duration SHORT = Duration.ofMillis(300);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager = DB.manager();

    // --- a transaction that is left open ------------------------------------------------------------------------

    @Test
    void work_that_throws_in_a_transaction_is_no_reason_for_a_warning() {
        try (LogCapture log = new LogCapture()) {
            IllegalStateException boom = new IllegalStateException("boom");
            assertThatThrownBy(() -> manager.useTransaction(lease -> {
                        insert(lease, "a");
                        throw boom;
                    }))
                    .isSameAs(boom);
            assertThat(log.events()).allMatch(e -> e.getLevel() == Level.DEBUG);
            assertThat(log.at(Level.DEBUG))
                    .filteredOn(e -> e.getFormattedMessage().startsWith("Rolling back the transaction of Managed"))
                    .singleElement()
                    .satisfies(e -> assertThat(e.getThrowableProxy()).isNull());
        }
    }

    @Test
    void a_read_that_is_left_open_learns_that_reads_open_transactions_and_what_does_without() {
        assertThatThrownBy(() -> manager.useConnection(lease -> query(lease, "SELECT 1")))
                .hasMessageContaining("with: SELECT 1;")
                .hasMessageContaining(
                        "With autocommit off each statement opens a transaction, one that only reads, too")
                .hasMessageContaining("commit() or rollback()")
                .hasMessageContaining("inTransaction")
                .hasMessageContaining("autoCommit(true)");
    }

    @Test
    void after_a_reset_during_the_lease_the_session_is_not_said_to_be_kept() throws SQLException {
        Lease lease = manager.acquire();
        insert(lease, "a");
        manager.reset();
        assertThatThrownBy(lease::close)
                .isInstanceOf(OpenTransactionException.class)
                .hasMessageContaining("the session is closed");
        assertThat(manager.isOpen()).isFalse();
        assertThat(manager.stats().closed()).isEqualTo(1);
    }

    /** As Spring's DataSourceUtils does. */
    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            return;
        }
    }

    @Test
    void what_nobody_hears_of_a_data_sources_connection_is_logged_with_the_place_of_its_close() throws SQLException {
        try (LogCapture log = new LogCapture()) {
            Connection connection = manager.asDataSource().getConnection();
            connection.setAutoCommit(false);
            insert(connection, "a");
            closeQuietly(connection);
            assertThat(log.at(Level.WARN)).singleElement().satisfies(e -> {
                assertThat(e.getFormattedMessage())
                        .contains("thread \"" + Thread.currentThread().getName() + "\"")
                        .contains("with: INSERT INTO example (key, value) VALUES ('a', 'bar')")
                        .contains("It was rolled back")
                        .contains("The stack is that of the close()");
                assertThat(e.getThrowableProxy().getStackTraceElementProxyArray())
                        .anyMatch(frame ->
                                frame.getStackTraceElement().getMethodName().equals("closeQuietly"));
            });
        }
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_begin_on_one_connection_of_a_data_source_and_work_on_the_next_can_be_read_of() throws SQLException {
        DataSource source = manager.asDataSource();
        try (LogCapture log = new LogCapture()) {
            for (String sql : new String[] {"begin", "INSERT INTO example VALUES ('a')", "rollback"}) {
                Connection connection = source.getConnection();
                execute(connection, sql);
                closeQuietly(connection);
            }
            assertThat(log.warnings())
                    .singleElement()
                    .satisfies(text -> assertThat(text)
                            .contains("with: begin;")
                            .contains("A transaction ends with the connection on which it began"));
        }
    }

    @Test
    void a_session_that_is_lost_under_a_data_sources_connection_is_logged_too() throws SQLException {
        try (LogCapture log = new LogCapture()) {
            Connection connection = manager.asDataSource().getConnection();
            connection.setAutoCommit(false);
            insert(connection, "a");
            DB.kill(ManagedDatabase.pid(connection));
            closeQuietly(connection);
            assertThat(log.warnings())
                    .singleElement()
                    .satisfies(text -> assertThat(text)
                            .contains("and ROLLBACK failed (FATAL: terminating connection")
                            .contains("The stack is that of the close()"));
        }
    }

    @Test
    void a_lease_that_is_closed_in_order_is_no_reason_for_a_warning() throws SQLException {
        try (LogCapture log = new LogCapture()) {
            try (Connection connection = manager.asDataSource().getConnection()) {
                insert(connection, "a");
            }
            manager.useTransaction(lease -> insert(lease, "b"));
            assertThat(log.warnings()).isEmpty();
        }
    }

    // --- inTransaction ------------------------------------------------------------------------------------------

    @Test
    void turning_autocommit_on_in_a_transaction_of_the_managers_is_refused_before_anything_happened()
            throws SQLException {
        for (boolean verify : new boolean[] {false, true}) {
            ManagedConnection careful =
                    DB.closing(DB.builder().verifyCommits(verify).build());
            assertThatThrownBy(() -> careful.useTransaction(lease -> {
                        insert(lease, "a");
                        lease.setAutoCommit(true);
                    }))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("2D000"))
                    .hasMessageContaining("setAutoCommit(true) was refused")
                    .hasMessageContaining("inTransaction")
                    .hasMessageContaining("withConnection")
                    .hasNoSuppressedExceptions();
            assertThat(DB.rows()).isZero();
            careful.useTransaction(lease -> lease.setAutoCommit(false)); // nothing to refuse
        }
    }

    @Test
    void commit_and_rollback_in_a_transaction_of_the_managers_mean_what_they_mean_in_jdbc() throws SQLException {
        manager.useTransaction(lease -> {
            insert(lease, "a");
            lease.commit();
            insert(lease, "b");
            lease.rollback();
            insert(lease, "c");
        });
        assertThat(DB.query("SELECT string_agg(key, ',' ORDER BY key) FROM example"))
                .isEqualTo("a,c");
    }

    // --- a lease that is taken already --------------------------------------------------------------------------

    @Test
    void a_thread_that_acquires_twice_learns_since_when_it_has_the_lease_and_what_it_did() throws SQLException {
        try (Lease lease = manager.acquire()) {
            query(lease, "SELECT 'mine'");
            assertThatThrownBy(manager::acquire)
                    .isInstanceOf(ReentrantAcquireException.class)
                    .hasMessageContaining("This thread holds the lease of ManagedConnection[")
                    .hasMessageFindingMatch("it acquired it [0-9]+ ms ago, and it is idle in a transaction after:"
                            + " SELECT 'mine'\\. It would wait for itself; nothing was changed")
                    .hasMessageContaining("From now on, the place where a lease is acquired is recorded")
                    .hasNoCause();
            lease.rollback();
        }
        try (Lease lease = manager.acquire()) {
            assertThatThrownBy(manager::tryAcquire)
                    .isInstanceOf(ReentrantAcquireException.class)
                    .hasMessageContaining(" ms ago at io.github.pgmanaged.MessagesTest."
                            + "a_thread_that_acquires_twice_learns_since_when_it_has_the_lease_and_what_it_did(")
                    .hasMessageContaining("idle after: nothing yet")
                    .hasMessageNotContaining("From now on")
                    .cause()
                    .hasMessageContaining("acquired the lease of ManagedConnection[")
                    .hasMessageContaining(" here, ");
            assertThat(lease.isClosed()).isFalse();
        }
    }

    @Test
    void a_hook_that_acquires_learns_that_it_opens_the_session() {
        ManagedConnection[] own = new ManagedConnection[1];
        own[0] = DB.closing(DB.builder().onOpen(connection -> own[0].acquire()).build());
        assertThatThrownBy(own[0]::acquire)
                .cause()
                .isInstanceOf(ReentrantAcquireException.class)
                .hasMessageContaining("This thread is opening the session of")
                .hasMessageContaining("Acquire no lease in the data source or the onOpen hook");
    }

    @Test
    void a_slow_lease_is_named_by_its_statement_though_that_was_closed_and_by_its_transaction() throws Exception {
        ManagedConnection hurried =
                DB.closing(DB.builder().slowLeaseWarning(SHORT).build());
        try (LogCapture log = new LogCapture();
                Lease lease = hurried.acquire()) {
            insert(lease, "a");
            assertThat(Elsewhere.call(() -> catchThrowable(() -> hurried.acquire(SHORT.multipliedBy(5))))
                            .get())
                    .hasMessageContaining(
                            "; idle in a transaction after: INSERT INTO example (key, value) VALUES ('a'");
            Awaitility.await()
                    .untilAsserted(() -> assertThat(log.warnings())
                            .isNotEmpty()
                            .allMatch(text -> text.contains("; idle in a transaction after: INSERT INTO example")));
            lease.rollback();
        }
    }

    private String timeoutWhileHeldBy(ThreadFactory threads, Action<Exception> holding, CountDownLatch done)
            throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CompletableFuture<Void> holder = new CompletableFuture<>();
        Thread thread = threads.newThread(() -> {
            try {
                manager.useConnection(lease -> {
                    query(lease, "SELECT 'held'");
                    held.countDown();
                    holding.run(lease);
                    lease.rollback();
                });
                holder.complete(null);
            } catch (Throwable t) {
                holder.completeExceptionally(t);
            }
        });
        thread.start();
        held.await();
        Awaitility.await()
                .until(() ->
                        thread.getState() == Thread.State.TIMED_WAITING || thread.getState() == Thread.State.WAITING);
        AcquireTimeoutException told =
                catchThrowableOfType(AcquireTimeoutException.class, () -> manager.acquire(SHORT));
        done.countDown();
        thread.interrupt();
        holder.handle((nothing, error) -> nothing).get();
        return told.getMessage();
    }

    /** What the message has to name: a holder that sleeps, until the test interrupts it. */
    private static void sleepsInHere() {
        try {
            Thread.sleep(60_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_timeout_names_the_first_place_in_the_holders_own_code_and_what_its_transaction_did() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        assertThat(timeoutWhileHeldBy(task -> new Thread(task, "holder"), lease -> sleepsInHere(), done))
                .contains("Thread \"holder\" has held it for ")
                .containsPattern(
                        "now at io\\.github\\.pgmanaged\\.MessagesTest\\.sleepsInHere\\(MessagesTest\\.java:[0-9]+\\)"
                                + " in java\\.lang\\.Thread\\.sleep; idle in a transaction after: SELECT 'held'")
                .contains("; no other thread waits. ")
                .endsWith("Hold leases for less time, or raise acquireTimeout.");
    }

    @Test
    void more_time_is_not_advised_where_the_holder_waits_for_another_thread() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        assertThat(timeoutWhileHeldBy(Thread::new, lease -> done.await(), done))
                .contains(" in java.util.concurrent.CountDownLatch.await; ")
                .contains(
                        "The holder waits for another thread itself; if for one that wants the lease, neither goes on, and"
                                + " no acquireTimeout is long enough")
                .doesNotContain("raise acquireTimeout");
    }

    @Test
    void more_time_is_not_advised_where_the_holders_thread_has_ended() throws Exception {
        Lease lost = Elsewhere.callToTheEnd(manager::acquire);
        assertThatThrownBy(() -> manager.acquire(SHORT))
                .hasMessageContaining("Thread \"elsewhere\", which has ended, has held it for ")
                .hasMessageContaining("Close leases in try-with-resources")
                .hasMessageNotContaining("raise acquireTimeout");
        lost.close();
    }

    @Test
    void a_thread_without_a_name_is_named_by_its_number() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        assertThat(timeoutWhileHeldBy(task -> new Thread(task, ""), lease -> done.await(), done))
                .containsPattern("Thread \"thread #[0-9]+\" has held it");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void a_virtual_thread_is_named_by_its_number() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        assertThat(timeoutWhileHeldBy(Elsewhere.virtualThreads(), lease -> done.await(), done))
                .containsPattern("Thread \"virtual thread #[0-9]+\" has held it");
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        Elsewhere.start(
                Elsewhere.virtualThreads(),
                told,
                () -> catchThrowable(() -> manager.useConnection(lease -> query(lease, "SELECT 1"))));
        assertThat(told.get()).hasMessageFindingMatch("opened by thread \"virtual thread #[0-9]+\" with: SELECT 1");
    }

    // --- a lease that is over -----------------------------------------------------------------------------------

    @Test
    void a_lease_that_was_released_says_so() throws SQLException {
        Lease lease = manager.acquire();
        lease.close();
        assertThatThrownBy(lease::createStatement)
                .hasMessageContaining("has been released; the call did not reach the session. Acquire a new lease");
    }

    @Test
    void a_lease_whose_manager_was_closed_says_so_and_that_there_will_be_no_other() throws Exception {
        ManagedConnection closed = DB.closing(DB.builder().releaseTimeout(SHORT).build());
        try (LogCapture log = new LogCapture()) {
            Lease lease = Elsewhere.callToTheEnd(closed::acquire);
            Statement statement = lease.createStatement();
            insert(lease, "a");
            closed.close();
            for (Throwable told : new Throwable[] {
                catchThrowable(lease::createStatement),
                catchThrowable(() -> statement.execute("SELECT 1")),
                catchThrowable(lease::close)
            }) {
                assertThat(told)
                        .isInstanceOf(LeaseReleasedException.class)
                        .hasMessageContaining(
                                "was revoked, since the manager was closed while thread \"elsewhere\" held")
                        .hasMessageContaining("no lease can be acquired any more")
                        .hasMessageNotContaining("cquire a new");
            }
            Awaitility.await()
                    .untilAsserted(() -> assertThat(log.warnings())
                            .singleElement()
                            .satisfies(text -> assertThat(text).contains("since the manager was closed while thread")));
        }
        assertThatThrownBy(closed::acquire).hasMessageContaining("has been closed and gives out no more leases");
    }

    @Test
    void a_lease_of_the_closing_thread_says_that_the_manager_was_closed() throws Exception {
        ManagedConnection closed = DB.closing(DB.builder().build());
        Lease lease = closed.acquire();
        closed.close();
        assertThatThrownBy(lease::createStatement).hasMessageContaining("the manager was closed");
    }

    @Test
    void a_call_that_is_ended_by_a_revocation_or_a_release_learns_that() throws Exception {
        ManagedConnection strict =
                DB.closing(DB.builder().maxLease(Duration.ofMillis(1500)).build());
        Lease lease = strict.acquire();
        assertThat(catchThrowable(() -> query(lease, "SELECT pg_sleep(60)")).getSuppressed())
                .singleElement()
                .satisfies(e -> assertThat(e)
                        .isInstanceOf(LeaseReleasedException.class)
                        .hasMessageContaining(
                                "longer than the maxLease of 1500 ms. It was under way: SELECT pg_sleep"));
        assertThat(catchThrowable(lease::close)).isInstanceOf(LeaseReleasedException.class);

        Lease released = manager.acquire();
        int pid = ManagedDatabase.pid(released);
        CompletableFuture<Throwable> call =
                Elsewhere.call(() -> catchThrowable(() -> query(released, "SELECT pg_sleep(60)")));
        DB.awaitSleep(pid);
        assertThat(catchThrowable(released::close)).isInstanceOf(OpenTransactionException.class);
        assertThat(call.get()).hasMessageContaining("canceling statement");
        assertThat(call.get().getSuppressed())
                .singleElement()
                .satisfies(e -> assertThat(e)
                        .isInstanceOf(LeaseReleasedException.class)
                        .hasMessageContaining("was released while the call was under way, so the call was cancelled"));
    }

    // --- a session that is lost ---------------------------------------------------------------------------------

    enum Loss {
        SEEN,
        SEEN_AND_WRAPPED,
        AT_COMMIT,
        IN_THE_MIDDLE
    }

    private static void lose(Lease lease, Loss loss) throws Exception {
        switch (loss) {
            case SEEN -> execute(lease, "SELECT pg_terminate_backend(pg_backend_pid())");
            case SEEN_AND_WRAPPED -> {
                try {
                    execute(lease, "SELECT pg_terminate_backend(pg_backend_pid())");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
            case AT_COMMIT -> {
                insert(lease, "a");
                DB.kill(ManagedDatabase.pid(lease));
                lease.commit();
            }
            case IN_THE_MIDDLE -> {
                try (var copied = lease.prepareStatement("INSERT INTO example VALUES (?)")) {
                    copied.setCharacterStream(1, new java.io.Reader() {
                        @Override
                        public int read(char[] buffer, int from, int length) {
                            throw new IllegalStateException("the stream breaks");
                        }

                        @Override
                        public void close() {}
                    });
                    copied.execute();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void no_exception_leads_to_itself_and_each_is_printed_once(Loss loss) {
        for (boolean lambda : new boolean[] {false, true}) {
            Throwable told = catchThrowable(() -> {
                if (lambda) {
                    manager.useConnection(lease -> lose(lease, loss));
                } else {
                    try (Lease lease = manager.acquire()) {
                        lose(lease, loss);
                    }
                }
            });
            assertThat(told).isNotNull();
            walk(told, Collections.newSetFromMap(new IdentityHashMap<>()));
            StringWriter printed = new StringWriter();
            told.printStackTrace(new PrintWriter(printed, true));
            assertThat(printed.toString()).doesNotContain("CIRCULAR REFERENCE");
        }
    }

    private static void walk(Throwable at, Set<Throwable> seen) {
        assertThat(seen.add(at)).as("seen twice: %s", at).isTrue();
        if (at.getCause() != null) {
            walk(at.getCause(), seen);
        }
        Arrays.stream(at.getSuppressed()).forEach(each -> walk(each, seen));
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void an_interrupted_virtual_thread_learns_that_the_interrupt_has_cost_its_session() throws Exception {
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        int pid = ManagedDatabase.pid(manager);
        Thread thread = Elsewhere.start(
                Elsewhere.virtualThreads(),
                told,
                () -> catchThrowable(() -> manager.useTransaction(lease -> query(lease, "SELECT pg_sleep(60)"))));
        DB.awaitSleep(pid);
        thread.interrupt();
        assertThat(told.get())
                .hasMessageContaining("was interrupted in a call to the server, and the JDK closes the socket")
                .hasMessageContaining("The virtual thread \"virtual thread #")
                .hasMessageContaining("Statement.cancel()")
                .hasNoSuppressedExceptions()
                .cause()
                .hasMessageContaining("I/O error");
    }

    // --- a session that is given up -----------------------------------------------------------------------------

    private void assertReason(ManagedConnection of, Level level, String reason, Action<Exception> work) {
        try (LogCapture log = new LogCapture()) {
            Throwable unused = catchThrowable(() -> {
                try (Lease lease = of.acquire()) {
                    work.run(lease);
                }
            });
            assertThat(of.isOpen()).isFalse();
            assertThat(log.at(level))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .filteredOn(text -> text.contains("is closed with its lease: "))
                    .singleElement()
                    .satisfies(text -> assertThat(text)
                            .contains(reason)
                            .contains(of.toString().substring(0, 20)));
        }
    }

    @Test
    void a_session_that_is_closed_with_its_lease_is_logged_with_the_reason() {
        assertReason(manager, Level.DEBUG, "closeOnRelease() was called", Lease::closeOnRelease);
        assertReason(manager, Level.DEBUG, "reset() or", lease -> manager.reset());
        assertReason(manager, Level.INFO, "an object of the driver's", lease -> lease.unwrap(PgConnection.class));
        assertReason(manager, Level.INFO, "an error does not say whether the session is sound", lease -> {
            lease.setAutoCommit(true);
            try (var rows = lease.createStatement().executeQuery("SELECT 1")) {
                rows.next();
                rows.getObject(1, (Class<?>) null);
            }
        });
        assertReason(
                DB.closing(
                        DB.builder().databaseErrors(DatabaseErrors.RESET_ALWAYS).build()),
                Level.INFO,
                "databaseErrors is RESET_ALWAYS",
                lease -> execute(lease, "SELEKT"));
        assertReason(
                DB.closing(DB.builder().maxLifetime(Duration.ofNanos(1)).build()),
                Level.DEBUG,
                "maxLifetime",
                lease -> query(lease, "SELECT 1"));
    }

    @Test
    void a_session_that_was_lost_between_two_leases_is_logged() throws SQLException {
        try (LogCapture log = new LogCapture()) {
            ManagedConnection checking =
                    DB.closing(DB.builder().validateAfterIdle(Duration.ZERO).build());
            DB.kill(ManagedDatabase.pid(checking));
            ManagedDatabase.pid(checking);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(log.at(Level.INFO))
                            .extracting(ILoggingEvent::getFormattedMessage)
                            .singleElement()
                            .satisfies(text -> assertThat(text)
                                    .contains("is given up, and a new one is opened: it did not pass its validation")));
        }
    }

    // --- the session's name on the server -----------------------------------------------------------------------

    private static String applicationName(ManagedConnection.Builder builder) throws SQLException {
        try (ManagedConnection named = builder.build()) {
            return DB.query("SELECT application_name FROM pg_stat_activity WHERE pid = " + ManagedDatabase.pid(named));
        }
    }

    @Test
    void the_managers_name_is_the_sessions_on_the_server_unless_something_else_names_it() throws SQLException {
        String uri = DB.conninfo();
        String and = uri.contains("?") ? "&" : "?";
        assertThat(applicationName(ManagedConnection.builder(uri).name("orders")))
                .isEqualTo("orders");
        assertThat(applicationName(ManagedConnection.builder(uri + and + "application_name=mine")
                        .name("orders")))
                .isEqualTo("mine");
        assertThat(applicationName(ManagedConnection.builder(uri + and + "fallback_application_name=mine")
                        .name("orders")))
                .isEqualTo("mine");
        var source = DB.pgjdbcSource();
        String url = "jdbc:postgresql://" + source.getServerNames()[0] + ":" + source.getPortNumbers()[0] + "/"
                + source.getDatabaseName() + "?user=" + source.getUser()
                + (source.getPassword() == null ? "" : "&password=" + source.getPassword());
        assertThat(applicationName(ManagedConnection.builder(url).name("orders")))
                .isEqualTo("orders");
        assertThat(applicationName(
                        ManagedConnection.builder(url + "&ApplicationName=mine").name("orders")))
                .isEqualTo("mine");
        assertThat(applicationName(ManagedConnection.builder(DB.source()).name("orders")))
                .as("a data source is left as it is")
                .isEqualTo(applicationName(ManagedConnection.builder(DB.source())));
        assertThatThrownBy(() -> DB.builder().name("a\0b")).isInstanceOf(IllegalArgumentException.class);
    }
}
