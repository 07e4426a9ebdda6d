package io.github.pgmanaged.integrations.beans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.TestDatabase;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring without Boot: the manager, its data source and its transactions as beans. */
class SpringBeansTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Configuration(proxyBeanMethods = false)
    static class Books {
        @Bean // its close() is called when the context closes
        ManagedConnection books(@Value("${books.conninfo}") String conninfo) {
            return ManagedConnection.builder(conninfo).name("books").build();
        }

        @Bean
        DataSource booksDataSource(ManagedConnection books) {
            return books.asDataSource();
        }

        @Bean
        PlatformTransactionManager booksTransactions(DataSource booksDataSource) {
            return new JdbcTransactionManager(booksDataSource);
        }
    }

    @Test
    void transactions_end_on_one_session_which_ends_with_the_context() throws Exception {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        try (context) {
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource("test", Map.of("books.conninfo", DB.conninfo())));
            context.register(Books.class);
            context.refresh();
            JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
            TransactionTemplate transaction =
                    new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
            transaction.executeWithoutResult(status -> jdbc.update("INSERT INTO example VALUES ('kept', 'x')"));
            assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                        jdbc.update("INSERT INTO example VALUES ('lost', 'x')");
                        throw new IllegalStateException("boom");
                    }))
                    .hasMessage("boom");
            assertThat(jdbc.queryForList("SELECT key FROM example", String.class))
                    .containsExactly("kept");
            DB.awaitSessions(1);
        }
        DB.awaitSessions(0);
    }
}
