package io.github.pgmanaged.integrations.transactions;

import static io.github.pgmanaged.integrations.SecondConnections.refusedTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.integrations.JdbcApplication;
import io.github.pgmanaged.testing.TestDatabase;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jooq.autoconfigure.JooqAutoConfiguration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionTemplate;

/** Libraries that do not know Spring join its transactions through a DataSource that does. */
class JoiningTest {
    private static final String INSERT = "INSERT INTO example VALUES (?, '1')";

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @JdbcApplication
    @ImportAutoConfiguration(JooqAutoConfiguration.class)
    static class Shop {}

    private DataSource source;
    private DSLContext boots;
    private ManagedConnection manager;
    private JdbcTemplate jdbc;
    private TransactionTemplate transaction;

    @BeforeEach
    void run() {
        var context = Applications.run(DB, Shop.class);
        boots = context.getBean(DSLContext.class);
        source = context.getBean(DataSource.class);
        manager = context.getBean(ManagedConnection.class);
        jdbc = context.getBean(JdbcTemplate.class);
        transaction = context.getBean(TransactionTemplate.class);
    }

    @Test
    void through_the_proxy_they_share_the_transactions_connection_and_its_fate() throws Exception {
        DataSource joining = new TransactionAwareDataSourceProxy(source);
        DSLContext dsl = DSL.using(joining, SQLDialect.POSTGRES);
        Jdbi jdbi = Jdbi.create(joining);
        Runnable work = () -> {
            jdbc.update(INSERT, "of JdbcTemplate");
            dsl.execute(INSERT, "of jOOQ");
            boots.execute(INSERT, "of Boot's jOOQ");
            jdbi.useHandle(handle -> handle.execute(INSERT, "of Jdbi"));
        };
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    work.run();
                    throw new IllegalStateException("undo");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(DB.rows()).isZero();
        transaction.executeWithoutResult(status -> work.run());
        assertThat(DB.rows()).isEqualTo(4);
        DB.awaitSessions(1);
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void without_it_they_want_a_second_connection() {
        DSLContext dsl = DSL.using(source, SQLDialect.POSTGRES);
        refusedTo(() -> transaction.executeWithoutResult(status -> dsl.execute(INSERT, "of jOOQ")), "jOOQ takes");
        Jdbi jdbi = Jdbi.create(source);
        refusedTo(() -> transaction.executeWithoutResult(
                status -> jdbi.useHandle(handle -> handle.execute(INSERT, "of Jdbi"))));
        assertThat(manager.stats().timeouts()).isZero();
    }
}
