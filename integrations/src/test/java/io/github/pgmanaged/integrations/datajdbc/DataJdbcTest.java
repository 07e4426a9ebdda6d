package io.github.pgmanaged.integrations.datajdbc;

import static io.github.pgmanaged.integrations.SecondConnections.refusedTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.spring.boot.PgmanagedAutoConfiguration;
import io.github.pgmanaged.testing.TestDatabase;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Configuration;

/** Repositories of Spring Data JDBC. */
class DataJdbcTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Configuration(proxyBeanMethods = false)
    @AutoConfigurationPackage
    @ImportAutoConfiguration({
        PgmanagedAutoConfiguration.class,
        DataSourceTransactionManagerAutoConfiguration.class,
        JdbcTemplateAutoConfiguration.class,
        DataJdbcRepositoriesAutoConfiguration.class
    })
    static class Shop {}

    @Test
    void a_repository_works_on_the_one_connection() throws Exception {
        DB.update("CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item varchar)");
        var context = Applications.run(DB, Shop.class);
        Orders orders = context.getBean(Orders.class);
        Order saved = orders.save(new Order(null, "a book"));
        orders.saveAll(List.of(new Order(null, "a pen"), new Order(null, "a pen")));
        assertThat(orders.findById(saved.id())).contains(saved);
        assertThat(orders.findByItem("a pen")).hasSize(2);
        ManagedConnection manager = context.getBean(ManagedConnection.class);
        try (Stream<Order> pens = orders.streamByItem("a pen")) {
            assertThat(pens.iterator().hasNext()).isTrue();
            assertThat(manager.holder()).isPresent();
            refusedTo(orders::count);
        }
        assertThat(manager.holder()).isEmpty();
        assertThat(DB.query("SELECT count(*) FROM orders")).isEqualTo("3");
        DB.awaitSessions(1);
        assertThat(manager.stats().rollbacks()).isZero();
    }
}
