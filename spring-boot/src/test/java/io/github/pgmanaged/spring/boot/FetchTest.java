package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.TestDatabase;
import java.sql.Connection;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** When a transaction takes the lease. */
class FetchTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private static ConfigurableApplicationContext run(String fetch, String... others) {
        return DB.closing(new SpringApplicationBuilder(OrdersApplication.class)
                .web(WebApplicationType.NONE)
                .properties(
                        "pgmanaged.conninfo=" + DB.conninfo(),
                        "pgmanaged.connection-fetch=" + fetch,
                        "spring.main.banner-mode=off")
                .properties(others)
                .run());
    }

    @Test
    void eagerly_a_transaction_takes_it_at_its_beginning() {
        try (ConfigurableApplicationContext context = run("eager")) {
            assertThat(context.getBean(OrdersApplication.Orders.class)
                            .leaseIsTaken(context.getBean(ManagedConnection.class)))
                    .isTrue();
        }
    }

    @Test
    void lazily_a_transaction_without_a_statement_takes_none() throws Exception {
        try (ConfigurableApplicationContext context = run("lazy")) {
            ManagedConnection manager = context.getBean(ManagedConnection.class);
            OrdersApplication.Orders orders = context.getBean(OrdersApplication.Orders.class);
            assertThat(orders.leaseIsTaken(manager)).isFalse();
            assertThat(manager.isOpen()).isFalse();
            assertThat(manager.stats().leases()).isZero();

            orders.place("kept");
            assertThat(DB.rows()).isEqualTo(1);
            assertThat(manager.stats().rollbacks()).isZero();
        }
    }

    @Test
    void lazily_a_transaction_has_the_isolation_it_asks_for_and_the_next_one_the_sessions() {
        try (ConfigurableApplicationContext context = run("lazy")) {
            TransactionTemplate serializable =
                    new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
            serializable.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
            TransactionTemplate plain = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
            JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
            String isolation = "SHOW transaction_isolation";
            assertThat(serializable.<String>execute(status -> jdbc.queryForObject(isolation, String.class)))
                    .isEqualTo("serializable");
            assertThat(plain.<String>execute(status -> jdbc.queryForObject(isolation, String.class)))
                    .isEqualTo("read committed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"eager", "lazy"})
    void a_connection_begins_with_autocommit_as_it_is_set(String fetch) throws Exception {
        for (boolean autoCommit : new boolean[] {false, true}) {
            try (ConfigurableApplicationContext context = run(fetch, "pgmanaged.auto-commit=" + autoCommit);
                    Connection connection = context.getBean(DataSource.class).getConnection()) {
                TestDatabase.execute(connection, "SELECT 1");
                assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
                if (!autoCommit) {
                    connection.rollback();
                }
            }
        }
    }
}
