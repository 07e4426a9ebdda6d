package io.github.pgmanaged.integrations.cures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDataSource;
import io.github.pgmanaged.ReentrantAcquireException;
import io.github.pgmanaged.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Real programs that want a second connection are told what to change, whoever has wired them. */
class CuresTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private final ManagedDataSource source = DB.closing(ManagedConnection.dataSource(DB.conninfo()));
    private final JdbcTemplate jdbc = new JdbcTemplate(source);
    private final TransactionTemplate outer = transaction(TransactionDefinition.PROPAGATION_REQUIRED);

    private TransactionTemplate transaction(int propagation) {
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(source));
        transaction.setPropagationBehavior(propagation);
        return transaction;
    }

    /** What is said to whoever wants a second connection. */
    private static String refusal(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        while (thrown != null && !(thrown instanceof ReentrantAcquireException)) {
            thrown = thrown.getCause();
        }
        assertThat(thrown).as("a second connection is refused").isNotNull();
        return thrown.getMessage();
    }

    @Test
    void flyway() {
        Flyway flyway = Flyway.configure()
                .dataSource(source)
                .locations("classpath:flyway")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load();
        assertThat(refusal(flyway::migrate))
                .contains("holds the lease")
                .contains("set flyway.postgresql.transactional.lock=false (in Spring Boot"
                        + " spring.flyway.postgresql.transactional-lock=false)");
    }

    @Test
    void a_transaction_inside_another() {
        TransactionTemplate inner = transaction(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        assertThat(refusal(() -> outer.executeWithoutResult(status -> inner.executeWithoutResult(own -> {}))))
                .contains("REQUIRES_NEW")
                .contains("join the outer one (REQUIRED)");
        List<String> refusals = new ArrayList<>();
        outer.executeWithoutResult(status ->
                TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        refusals.add(refusal(() -> inner.executeWithoutResult(own -> {})));
                    }
                }));
        assertThat(refusals).singleElement().asString().contains("after its commit in another thread");
    }

    @Test
    void work_while_a_transaction_is_suspended() {
        TransactionTemplate inner = transaction(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
        assertThat(refusal(() -> outer.executeWithoutResult(
                        status -> inner.executeWithoutResult(none -> jdbc.queryForObject("SELECT 1", Integer.class)))))
                .contains("NOT_SUPPORTED")
                .contains("join the transaction");
    }

    @Test
    void work_while_rows_are_streamed() {
        assertThat(refusal(() -> {
                    try (var keys = jdbc.queryForStream("SELECT 1", (row, number) -> row.getInt(1))) {
                        keys.forEach(key -> jdbc.queryForObject("SELECT 2", Integer.class));
                    }
                }))
                .contains("A stream, a row callback or a lease of the manager: close it first");
    }
}
