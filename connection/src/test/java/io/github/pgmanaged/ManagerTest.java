package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The manager itself: what it says of the session, reset, close, the data source, and its options. */
@Timeout(60)
class ManagerTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    // --- looking ------------------------------------------------------------------------------------------------

    @Test
    void looking_never_waits_for_a_query() throws Exception {
        ManagedConnection manager = DB.manager();
        execute(DB.admin(), "SELECT pg_advisory_lock(4711)");
        CompletableFuture<Void> query = Elsewhere.run(
                () -> manager.useTransaction(lease -> execute(lease, "SELECT pg_advisory_xact_lock(4711)")));
        DB.awaitWaitingFor("advisory");

        assertThat(manager.status()).isEqualTo(TransactionStatus.ACTIVE);
        assertThat(manager.isOpen()).isTrue();
        assertThat(manager.toString()).endsWith(", active]");
        assertThat(manager.stats().leases()).isEqualTo(1);
        assertThat(query).as("the query is still blocked").isNotDone();

        execute(DB.admin(), "SELECT pg_advisory_unlock(4711)");
        query.get();
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
    }

    @Test
    void the_status_follows_the_server() throws SQLException {
        ManagedConnection manager = DB.closing(DB.builder().name("books").build());
        String target = manager.toString().replaceFirst("ManagedConnection\\[books, (.*), closed]", "$1");
        assertThat(manager.status()).isEqualTo(TransactionStatus.CLOSED);
        try (Lease lease = manager.acquire()) {
            assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
            insert(lease, "a");
            assertThat(manager.status()).isEqualTo(lease.status()).isEqualTo(TransactionStatus.IN_TRANSACTION);
            assertThat(manager).hasToString("ManagedConnection[books, " + target + ", in transaction]");
            assertThat(state(() -> insert(lease, "a"))).isEqualTo("23505");
            assertThat(manager.status()).isEqualTo(lease.status()).isEqualTo(TransactionStatus.IN_ERROR);
            assertThat(manager.toString()).endsWith(", in error]");
            assertThat(lease.toString()).startsWith("Lease[ManagedConnection[books, ");
            lease.rollback();
        }
        assertThat(manager).hasToString("ManagedConnection[books, " + target + ", idle]");
    }

    // --- reset --------------------------------------------------------------------------------------------------

    @Test
    void reset_closes_an_idle_session_at_once() throws SQLException {
        ManagedConnection manager = DB.manager();
        manager.reset();
        int before = pid(manager);
        manager.reset();
        assertThat(manager.isOpen()).isFalse();
        assertThat(pid(manager)).isNotEqualTo(before);
        assertThat(manager.stats().closed()).isEqualTo(1);
    }

    @Test
    void reset_waits_for_the_release_of_a_live_lease() throws SQLException {
        ManagedConnection manager = DB.manager();
        Lease lease = manager.acquire();
        int before = pid(lease);
        manager.reset();
        assertThat(manager.isOpen()).isTrue();
        insert(lease, "a");
        lease.commit();
        lease.close();
        assertThat(manager.isOpen()).isFalse();
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(pid(manager)).isNotEqualTo(before);
        assertThat(pid(manager)).as("and only once").isEqualTo(pid(manager));
    }

    // --- close --------------------------------------------------------------------------------------------------

    @Test
    void close_ends_the_session_and_is_final() throws SQLException {
        ManagedConnection manager = ManagedConnection.of(DB.conninfo());
        manager.acquire().close();
        manager.close();
        manager.close();
        assertThat(manager.status()).isEqualTo(TransactionStatus.CLOSED);
        assertThat(state(manager::acquire)).isEqualTo("08003");
        assertThat(state(() -> manager.useConnection(lease -> {}))).isEqualTo("08003");
        Awaitility.await().until(() -> DB.sessions() == 0);
    }

    @Test
    void close_waits_for_the_holder() throws Exception {
        ManagedConnection manager = ManagedConnection.of(DB.conninfo());
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Boolean> holder =
                Elsewhere.call(() -> manager.<Boolean, InterruptedException>inTransaction(lease -> {
                    held.countDown();
                    goOn.await();
                    insert(lease, "a");
                    return true;
                }));
        held.await();
        CompletableFuture<Void> closing = Elsewhere.run(manager::close);
        Awaitility.await()
                .untilAsserted(() -> assertThat(state(manager::tryAcquire)).isEqualTo("08003"));
        goOn.countDown();
        holder.get();
        closing.get();
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(manager.isOpen()).isFalse();
    }

    @Test
    void close_aborts_a_holder_that_does_not_finish_in_time() throws Exception {
        ManagedConnection manager =
                DB.builder().releaseTimeout(Duration.ofMillis(200)).build();
        Lease lease = Elsewhere.call(manager::acquire).get();
        insert(lease, "a");
        manager.close();
        assertThat(manager.isOpen()).isFalse();
        assertThat(state(lease::commit)).isEqualTo("08003");
        assertThatThrownBy(lease::close)
                .as("its work is lost, and it is told")
                .hasMessageContaining("was closed while");
        lease.close();
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void close_by_the_thread_that_forgot_its_lease_does_not_wait_for_itself() throws SQLException {
        ManagedConnection manager =
                DB.builder().releaseTimeout(Duration.ofDays(1)).build();
        Lease lease = manager.acquire();
        insert(lease, "a");
        manager.close();
        assertThat(manager.isOpen()).isFalse();
        assertThat(state(lease::commit)).isEqualTo("08003");
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void close_cancels_a_statement_under_autocommit_which_would_be_committed_otherwise() throws Exception {
        ManagedConnection manager = DB.builder()
                .autoCommit(true)
                .releaseTimeout(Duration.ofMillis(300))
                .build();
        CompletableFuture<String> state = Elsewhere.call(() -> state(() ->
                manager.useConnection(lease -> execute(lease, "INSERT INTO example SELECT 'a' FROM pg_sleep(600)"))));
        DB.awaitWaitingFor("PgSleep"); // a request to cancel it that came before would not end it
        manager.close();
        Awaitility.await("the end of the statement")
                .atMost(Duration.ofSeconds(10))
                .until(() -> DB.sessions() == 0);
        assertThat(state.get()).isNotEqualTo("");
        assertThat(DB.rows()).isZero();
    }

    @Test
    void close_tells_who_is_still_validating_the_session() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection manager = ManagedConnection.builder(proxy.source())
                .validateAfterIdle(Duration.ZERO)
                .releaseTimeout(Duration.ofSeconds(30))
                .build();
        manager.acquire().close();
        proxy.drip(); // an answer takes seconds
        CompletableFuture<String> told = Elsewhere.call(() -> state(manager::acquire));
        Awaitility.await().until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.session.Session", "isSound"));
        manager.close();
        assertThat(told.get()).isEqualTo("08003");
        assertThat(manager.stats().leases()).as("no second one").isEqualTo(1);
    }

    @Test
    void a_lambda_whose_work_close_has_cut_off_is_told_so() throws Exception {
        ManagedConnection manager =
                DB.builder().releaseTimeout(Duration.ofMillis(200)).build();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Throwable> told = Elsewhere.call(() ->
                catchThrowable(() -> manager.<Boolean, InterruptedException>withConnection(lease -> {
                    insert(lease, "a");
                    held.countDown();
                    goOn.await();
                    return true;
                })));
        held.await();
        manager.close();
        goOn.countDown();
        assertThat(told.get()).isInstanceOf(SQLException.class).hasMessageContaining("was closed while");
        assertThat(DB.rows()).isZero();
    }

    @Test
    void an_interrupt_ends_the_waiting_of_close() throws Exception {
        ManagedConnection manager =
                DB.builder().releaseTimeout(Duration.ofDays(1)).build();
        try (Lease lease = manager.acquire()) {
            assertThat(lease.isClosed()).isFalse();
            CompletableFuture<Boolean> flag = Elsewhere.call(() -> {
                Thread.currentThread().interrupt();
                manager.close();
                return Thread.interrupted();
            });
            assertThat(flag.get()).isTrue();
            assertThat(manager.isOpen()).isFalse();
            assertThat(lease.isClosed()).isTrue();
        }
    }

    @Test
    void a_failure_to_close_is_logged_and_harms_nobody() throws SQLException {
        ManagedConnection manager =
                DB.closing(ManagedConnection.builder(failingToClose()).build());
        manager.acquire().close();
        try (LogCapture log = new LogCapture()) {
            manager.reset();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(log.at(Level.INFO))
                            .anyMatch(e -> e.getFormattedMessage().contains("could not be closed")
                                    && e.getThrowableProxy().getMessage().equals("no")));
        }
        assertThat(query(manager.acquire(), "SELECT 1")).isEqualTo("1");
        assertThat(catchThrowable(manager::close)).isNull();
    }

    private static DataSource failingToClose() {
        return DataSources.of(() -> {
            Connection raw = DB.source().getConnection();
            return (Connection) Proxy.newProxyInstance(
                    ManagerTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                        try {
                            Object result = method.invoke(raw, args);
                            if (method.getName().equals("close")) {
                                throw new SQLException("no");
                            }
                            return result;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        });
    }

    // --- the data source ----------------------------------------------------------------------------------------

    @Test
    void a_connection_of_the_data_source_is_a_lease_with_autocommit() throws SQLException {
        ManagedConnection manager = DB.manager();
        DataSource source = manager.asDataSource();
        assertThat(source).isSameAs(manager.asDataSource());
        try (Connection connection = source.getConnection()) {
            assertThat(connection).isInstanceOf(Lease.class);
            assertThat(connection.getAutoCommit()).isTrue();
            insert(connection, "a");
        }
        assertThat(DB.rows()).isEqualTo(1);
        Connection careless = source.getConnection();
        careless.setAutoCommit(false);
        insert(careless, "b");
        assertThatThrownBy(careless::close).isInstanceOf(OpenTransactionException.class);
        assertThat(DB.rows()).isEqualTo(1);
        try (Lease lease = manager.acquire()) {
            assertThat(lease.getAutoCommit()).isFalse();
        }
    }

    @Test
    void the_connections_of_a_data_source_begin_as_they_were_ordered() throws SQLException {
        ManagedConnection manager = DB.manager();
        beginsWithAutoCommit(manager.asDataSource(true), true);
        beginsWithAutoCommit(manager.asDataSource(false), false);
        beginsWithAutoCommit(manager.asDataSource(), true);
        ManagedConnection on = DB.closing(DB.builder().autoCommit(true).build());
        beginsWithAutoCommit(on.asDataSource(), true);
        beginsWithAutoCommit(on.asDataSource(false), false);
        ManagedConnection off = DB.closing(DB.builder().autoCommit(false).build());
        beginsWithAutoCommit(off.asDataSource(), false);
        beginsWithAutoCommit(off.asDataSource(true), true);
        beginsWithAutoCommit(DB.closing(DB.builder().autoCommit(false).buildDataSource()), false);
        beginsWithAutoCommit(DB.closing(DB.builder().buildDataSource()), true);
    }

    @Test
    void a_data_source_closes_the_manager_that_was_made_for_it() throws SQLException {
        ManagedDataSource source = DB.closing(ManagedConnection.dataSource(DB.conninfo()));
        ManagedConnection manager = source.unwrap(ManagedConnection.class);
        assertThat(source.isWrapperFor(ManagedConnection.class)).isTrue();
        assertThat(source.unwrap(ManagedDataSource.class)).isSameAs(source);
        try (Connection connection = source.getConnection()) {
            insert(connection, "a");
        }
        assertThat(manager.isOpen()).isTrue();

        source.close();
        source.close();

        assertThat(manager.isOpen()).isFalse();
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(state(source::getConnection)).isEqualTo("08003");
        assertThat(state(manager::acquire)).isEqualTo("08003");
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void a_data_source_of_somebody_elses_manager_cannot_close_it() {
        ManagedConnection manager = DB.manager();
        assertThat(manager.asDataSource()).isNotInstanceOf(AutoCloseable.class);
        assertThat(manager.asDataSource(false)).isNotInstanceOf(AutoCloseable.class);
    }

    private static void beginsWithAutoCommit(DataSource source, boolean on) throws SQLException {
        Connection connection = source.getConnection();
        assertThat(connection.getAutoCommit()).isEqualTo(on);
        long before = DB.rows();
        insert(connection, "row " + before);
        assertThat(catchThrowable(connection::close) == null).isEqualTo(on);
        assertThat(DB.rows()).isEqualTo(on ? before + 1 : before);
    }

    @Test
    void the_data_source_says_what_it_cannot_do() throws SQLException {
        ManagedConnection manager = DB.manager();
        DataSource source = manager.asDataSource();
        assertThat(source.unwrap(ManagedConnection.class)).isSameAs(manager);
        assertThat(source.unwrap(DataSource.class)).isSameAs(source);
        assertThat(source.isWrapperFor(ManagedConnection.class)).isTrue();
        assertThat(source.isWrapperFor(String.class)).isFalse();
        assertThat(state(() -> source.unwrap(String.class))).isEqualTo("22023");
        assertThatThrownBy(() -> source.getConnection("a", "b")).isInstanceOf(SQLFeatureNotSupportedException.class);
        assertThatThrownBy(() -> source.setLoginTimeout(1)).isInstanceOf(SQLFeatureNotSupportedException.class);
        assertThatThrownBy(() -> source.setLogWriter(null)).isInstanceOf(SQLFeatureNotSupportedException.class);
        assertThatThrownBy(source::getParentLogger).isInstanceOf(SQLFeatureNotSupportedException.class);
        assertThat(source.getLoginTimeout()).isZero();
        assertThat(source.getLogWriter()).isNull();
    }

    // --- options ------------------------------------------------------------------------------------------------

    @Test
    void bad_options_are_refused_by_name() {
        ManagedConnection.Builder builder = DB.builder();
        Duration negative = Duration.ofNanos(-1);
        refused("name", () -> builder.name(null));
        refused("name", () -> builder.name(" "));
        refused("acquireTimeout", () -> builder.acquireTimeout(null));
        refused("acquireTimeout", () -> builder.acquireTimeout(negative));
        refused("releaseTimeout", () -> builder.releaseTimeout(null));
        refused("releaseTimeout", () -> builder.releaseTimeout(negative));
        refused("releaseTimeout", () -> builder.releaseTimeout(Duration.ZERO));
        refused("validateAfterIdle", () -> builder.validateAfterIdle(null));
        refused("validateAfterIdle", () -> builder.validateAfterIdle(negative));
        refused("maxWaiting", () -> builder.maxWaiting(-1));
        refused("databaseErrors", () -> builder.databaseErrors(null));
        refused("onOpen", () -> builder.onOpen(null));
        refused("source", () -> ManagedConnection.builder((DataSource) null));
        refused("timeout", () -> DB.manager().acquire(null));
        refused("timeout", () -> DB.manager().acquire(negative));
        assertThatThrownBy(() -> DB.manager().withConnection(null)).hasMessage("work");
        assertThatThrownBy(() -> DB.manager().useConnection(null)).hasMessage("action");
        assertThatThrownBy(() -> DB.manager().inTransaction(null)).hasMessage("work");
        assertThatThrownBy(() -> DB.manager().useTransaction(null)).hasMessage("action");
    }

    private static void refused(String option, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageStartingWith(option + ":");
    }

    @Test
    void a_malformed_conninfo_is_refused_at_once() {
        for (String bad : new String[] {
            null,
            "mysql://localhost/a",
            "postgres://h:port/a",
            "postgres://h?x=1",
            "host=h x=1",
            "sslmode=never",
            "client_encoding=LATIN1"
        }) {
            assertThatThrownBy(() -> ManagedConnection.of(bad)).isInstanceOf(InvalidConnInfoException.class);
            assertThatThrownBy(() -> ManagedConnection.builder(bad)).isInstanceOf(InvalidConnInfoException.class);
        }
    }

    @Test
    void a_very_long_timeout_is_for_ever() throws SQLException {
        ManagedConnection manager = DB.closing(DB.builder()
                .acquireTimeout(Duration.ofSeconds(Long.MAX_VALUE))
                .releaseTimeout(Duration.ofSeconds(Long.MAX_VALUE))
                .validateAfterIdle(Duration.ofSeconds(Long.MAX_VALUE))
                .build());
        Lease lease = manager.acquire();
        insert(lease, "a");
        assertThatThrownBy(lease::close).isInstanceOf(OpenTransactionException.class);
        assertThat(pid(manager)).isPositive();
    }
}
