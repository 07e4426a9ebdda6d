package io.github.pgmanaged.integrations.mybatis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.spring.boot.PgmanagedAutoConfiguration;
import io.github.pgmanaged.testing.TestDatabase;
import javax.sql.DataSource;
import org.apache.ibatis.session.SqlSessionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.mybatis.spring.SqlSessionFactoryBean;
import org.mybatis.spring.mapper.MapperFactoryBean;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

/** MyBatis in Spring, where all sessions of a transaction share its connection. */
class MyBatisSpringTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        PgmanagedAutoConfiguration.class,
        DataSourceTransactionManagerAutoConfiguration.class,
        TransactionAutoConfiguration.class
    })
    static class Shop {
        @Bean
        SqlSessionFactoryBean sessions(DataSource source) {
            SqlSessionFactoryBean sessions = new SqlSessionFactoryBean();
            sessions.setDataSource(source);
            return sessions;
        }

        @Bean
        MapperFactoryBean<Items> items(SqlSessionFactory sessions) {
            MapperFactoryBean<Items> items = new MapperFactoryBean<>(Items.class);
            items.setSqlSessionFactory(sessions);
            return items;
        }
    }

    @Test
    void a_mapper_works_in_transactions_and_outside() throws Exception {
        var context = Applications.run(DB, Shop.class);
        Items items = context.getBean(Items.class);
        TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
        items.insert("kept");
        transaction.executeWithoutResult(status -> {
            items.insert("kept, too");
            assertThat(items.keys()).hasSize(2);
        });
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    items.insert("undone");
                    throw new IllegalStateException("undo");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(items.keys()).containsExactly("kept", "kept, too");
        DB.awaitSessions(1);
        assertThat(context.getBean(ManagedConnection.class).holder()).isEmpty();
    }
}
