package io.github.pgmanaged.integrations.transactions;

import static io.github.pgmanaged.integrations.SecondConnections.refusalIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ReentrantAcquireException;
import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.integrations.JdbcApplication;
import io.github.pgmanaged.testing.TestDatabase;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;

/** {@code @Transactional} and its propagations. A transaction has the lease from its beginning to its end. */
@ExtendWith(OutputCaptureExtension.class)
class TransactionsTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @JdbcApplication
    @EnableTransactionManagement(proxyTargetClass = true)
    @EnableAsync(proxyTargetClass = true)
    @Import({Orders.class, Items.class, Listeners.class})
    static class Shop {
        @Bean
        SimpleAsyncTaskExecutor taskExecutor() {
            return new SimpleAsyncTaskExecutor("async-");
        }
    }

    private Orders orders;
    private Listeners listeners;
    private ManagedConnection manager;

    @BeforeEach
    void run() {
        run("pgmanaged.name=shop");
    }

    private void run(String property) {
        var context = Applications.run(DB, Shop.class, property);
        orders = context.getBean(Orders.class);
        listeners = context.getBean(Listeners.class);
        manager = context.getBean(ManagedConnection.class);
    }

    @Test
    void required_joins_the_transaction_and_shares_its_fate() throws Exception {
        orders.placeWithItem("kept");
        assertThatThrownBy(() -> orders.placeThenFail("undone")).isInstanceOf(IllegalStateException.class);
        assertThat(DB.query("SELECT string_agg(key, ', ' ORDER BY key) FROM example"))
                .isEqualTo("kept, kept's item");
        DB.awaitSessions(1);
        assertThat(manager.holder()).isEmpty();
        assertThat(manager.stats().rollbacks()).as("by a release").isZero();
    }

    @Test
    void nested_is_a_savepoint() throws Exception {
        orders.placeWithoutTheItemThatFails("kept");
        assertThat(DB.query("SELECT string_agg(key, ', ' ORDER BY key) FROM example"))
                .isEqualTo("kept, kept without item");
    }

    @Test
    void requires_new_fails_at_once_and_says_what_to_do() throws Exception {
        Throwable thrown = catchThrowable(() -> orders.placeWithItemInATransactionOfItsOwn("undone"));
        assertThat(thrown).isInstanceOf(CannotCreateTransactionException.class);
        assertThat(refusalIn(thrown)).hasMessageContaining("REQUIRES_NEW").hasMessageContaining("NESTED");
        nothingWasDoneNorWaitedFor();
    }

    @Test
    void not_supported_works_without_sql_and_with_sql_fails_at_once_and_says_what_to_do() throws Exception {
        Throwable thrown = catchThrowable(() -> orders.placeAndLookOutside("undone"));
        assertThat(thrown).isInstanceOf(CannotGetJdbcConnectionException.class);
        assertThat(refusalIn(thrown)).hasMessageContaining("NOT_SUPPORTED");
        nothingWasDoneNorWaitedFor();
        orders.placeAndWorkOutsideWithoutSql("kept");
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void work_on_the_manager_itself_in_a_transaction_fails_at_once() throws Exception {
        assertThatThrownBy(() -> orders.placeAndUseTheManager("undone")).isInstanceOf(ReentrantAcquireException.class);
        DB.update("DELETE FROM example"); // a checked exception does not make Spring roll back
        nothingWasDoneNorWaitedFor();
    }

    private void nothingWasDoneNorWaitedFor() throws Exception {
        assertThat(DB.rows()).isZero();
        assertThat(manager.stats().timeouts()).isZero();
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void requires_new_after_the_commit_fails_too_is_only_logged_and_the_commit_stands(CapturedOutput output)
            throws Exception {
        orders.placeAndTell("kept", Listeners.Way.REQUIRES_NEW); // and nothing is thrown
        assertThat(DB.query("SELECT string_agg(key, ', ') FROM example")).isEqualTo("kept");
        assertThat(output.getAll()).contains("TransactionSynchronization.afterCompletion threw exception");
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void sql_after_the_commit_runs_on_the_connection_that_is_still_bound_and_ends_with_it() throws Exception {
        orders.placeAndTell("kept", Listeners.Way.SQL);
        assertThat(DB.query("SELECT string_agg(key, ', ' ORDER BY key) FROM example"))
                .isEqualTo("kept, kept's item");
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void a_listener_in_another_thread_waits_for_the_lease_and_works() throws Exception {
        orders.placeAndTell("kept", Listeners.Way.ASYNC);
        listeners.later().join();
        Awaitility.await().untilAsserted(() -> assertThat(DB.rows()).isEqualTo(2));
    }

    @Test
    void another_thread_waits_until_the_transaction_has_ended() throws Exception {
        assertThat(orders.placeAndLetAnotherThread("kept").join()).isEqualTo("kept's item");
        assertThat(DB.rows()).isEqualTo(2);
    }

    @Test
    void a_transaction_that_waits_for_a_thread_which_needs_the_lease_ends_by_the_acquire_timeout() throws Exception {
        run("pgmanaged.acquire-timeout=200ms");
        manager.acquire(Duration.ofMinutes(1)).close(); // the session may take its time to open
        assertThatThrownBy(() -> orders.placeAndWaitForAnotherThread("undone"))
                .isInstanceOf(CompletionException.class)
                .hasRootCauseInstanceOf(AcquireTimeoutException.class);
        assertThat(DB.rows()).isZero();
        assertThat(manager.stats().timeouts()).isEqualTo(1);
    }

    @Test
    void a_transaction_takes_the_lease_at_its_beginning_and_lazily_with_its_first_sql() {
        assertThat(orders.takesTheLease()).isTrue();
        run("pgmanaged.connection-fetch=lazy");
        assertThat(orders.takesTheLease()).isFalse();
        assertThat(manager.stats().leases()).isZero();
        orders.placeWithItem("kept");
        assertThat(manager.stats().leases()).isEqualTo(1);
    }

    @Test
    void without_boot_springs_lazy_proxy_takes_no_lease_for_a_transaction_without_sql() {
        DataSource lazy = lazy(manager);
        long before = manager.stats().leases();
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(lazy));
        transaction.executeWithoutResult(status -> assertThat(manager.holder()).isEmpty());
        assertThat(manager.stats().leases()).isEqualTo(before);
    }

    private static DataSource lazy(ManagedConnection manager) {
        var lazy = new LazyConnectionDataSourceProxy();
        lazy.setTargetDataSource(manager.asDataSource());
        lazy.setDefaultAutoCommit(true);
        lazy.setDefaultTransactionIsolationName("TRANSACTION_READ_COMMITTED");
        return lazy;
    }
}
