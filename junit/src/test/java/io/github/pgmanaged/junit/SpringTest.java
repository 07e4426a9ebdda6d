package io.github.pgmanaged.junit;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pgmanaged.testing.TestDatabase;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** An application of Spring's, whose pool is narrowed to one connection by a bean of its tests. */
@Timeout(120)
class SpringTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    static class Books {
        @Autowired
        JdbcTemplate jdbc;

        @Autowired
        Audit audit;

        @Transactional
        public void sell() {
            jdbc.update("INSERT INTO example (key) VALUES ('sold')");
            try {
                audit.write();
            } catch (RuntimeException e) {
                return; // the audit may fail
            }
        }
    }

    static class Audit {
        @Autowired
        JdbcTemplate jdbc;

        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public void write() {
            jdbc.update("INSERT INTO example (key) VALUES ('audit')");
        }
    }

    @Configuration
    @EnableTransactionManagement(proxyTargetClass = true)
    static class Application {
        @Bean
        DataSource pool() {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl("jdbc:libpq:" + DB.conninfo());
            return pool;
        }

        @Bean
        PlatformTransactionManager transactions(DataSource source) {
            return new DataSourceTransactionManager(source);
        }

        @Bean
        JdbcTemplate jdbc(DataSource source) {
            return new JdbcTemplate(source);
        }

        @Bean
        Books books() {
            return new Books();
        }

        @Bean
        Audit audit() {
            return new Audit();
        }
    }

    @Configuration
    static class OnOneConnection {
        static final OneConnection ONE = OneConnection.ofApplication();

        @Bean
        static BeanPostProcessor narrowing() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof DataSource pool ? ONE.narrow(pool) : bean;
                }
            };
        }
    }

    @SpringJUnitConfig({Application.class, OnOneConnection.class})
    static class BooksSample {
        @RegisterExtension
        static final OneConnection ONE = OnOneConnection.ONE;

        @Autowired
        Books books;

        @Test
        void sells() {
            books.sell();
        }
    }

    @SpringJUnitConfig({Application.class, OnOneConnection.class})
    static class RolledBackSample {
        @RegisterExtension
        static final OneConnection ONE = OnOneConnection.ONE;

        @Autowired
        JdbcTemplate jdbc;

        @Test
        @Transactional
        void in_a_transaction_of_the_tests() {
            jdbc.update("INSERT INTO example (key) VALUES ('rolled back')");
        }
    }

    @Test
    void a_transaction_that_requires_a_new_one_is_found() {
        assertThat(Run.of(BooksSample.class).report())
                .containsSubsequence(
                        "BooksSample.sells had 1 finding",
                        "wanted another",
                        "more of org.springframework.*",
                        "SpringTest$Books.sell(",
                        "while it has the one that it acquired",
                        "in a transaction after: INSERT INTO example (key) VALUES ('sold')");
    }

    @Test
    void a_transaction_that_spring_rolls_back_after_the_test_is_none_left_open() {
        Run.of(RolledBackSample.class).isInnocent();
    }
}
