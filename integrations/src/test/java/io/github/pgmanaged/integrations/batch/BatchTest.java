package io.github.pgmanaged.integrations.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.spring.boot.PgmanagedAutoConfiguration;
import io.github.pgmanaged.testing.TestDatabase;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ItemReader;
import org.springframework.batch.infrastructure.item.database.ExtendedConnectionDataSourceProxy;
import org.springframework.batch.infrastructure.item.database.Order;
import org.springframework.batch.infrastructure.item.database.builder.JdbcCursorItemReaderBuilder;
import org.springframework.batch.infrastructure.item.database.builder.JdbcPagingItemReaderBuilder;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.batch.jdbc.autoconfigure.BatchJdbcAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Jobs of Spring Batch: read the keys of one table, write them to another, with the job repository beside it. */
class BatchTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        PgmanagedAutoConfiguration.class,
        DataSourceTransactionManagerAutoConfiguration.class,
        JdbcTemplateAutoConfiguration.class,
        BatchJdbcAutoConfiguration.class
    })
    static class Shop {}

    /** One connection for the reader, the job repository and the transactions, which the reader keeps open. */
    @Configuration(proxyBeanMethods = false)
    @Import(Shop.class)
    static class SharingShop {
        @Bean
        static BeanPostProcessor shared() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String beanName) {
                    return bean instanceof DataSource source ? new ExtendedConnectionDataSourceProxy(source) : bean;
                }
            };
        }
    }

    @BeforeEach
    void tables() throws Exception {
        DB.update("DROP TABLE IF EXISTS copied");
        DB.update("CREATE TABLE copied (key varchar PRIMARY KEY)");
        DB.update("INSERT INTO example SELECT 'key' || n, 'x' FROM generate_series(1, 25) AS n");
    }

    @Test
    void a_paging_reader_works() throws Exception {
        var context = run(Shop.class);
        var reader = new JdbcPagingItemReaderBuilder<String>()
                .name("pages")
                .dataSource(context.getBean(DataSource.class))
                .selectClause("key")
                .fromClause("example")
                .sortKeys(Map.of("key", Order.ASCENDING))
                .pageSize(10)
                .rowMapper((row, number) -> row.getString(1))
                .build();
        reader.afterPropertiesSet();
        assertThat(copy(context, reader).getExitStatus()).isEqualTo(ExitStatus.COMPLETED);
        assertThat(DB.query("SELECT count(*) FROM copied")).isEqualTo("25");
    }

    @Test
    void a_cursor_reader_wants_a_connection_of_its_own_and_says_what_to_do() throws Exception {
        var context = run(Shop.class);
        JobExecution execution = copy(context, cursor(context, false));
        assertThat(execution.getExitStatus()).isNotEqualTo(ExitStatus.COMPLETED);
        assertThat(execution.getAllFailureExceptions())
                .anySatisfy(failure ->
                        assertThat(failure).rootCause().hasMessageContaining("set useSharedExtendedConnection=true"));
    }

    @Test
    void a_job_is_not_launched_inside_a_transaction() throws Exception {
        var context = run(Shop.class);
        var transaction = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        assertThatThrownBy(() -> transaction.execute(status -> {
                    try {
                        return copy(context, cursor(context, false));
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .rootCause()
                .hasMessageContaining("Existing transaction detected in JobRepository");
    }

    @Test
    void a_cursor_reader_works_on_a_shared_extended_connection() throws Exception {
        var context = run(SharingShop.class);
        assertThat(copy(context, cursor(context, true)).getExitStatus()).isEqualTo(ExitStatus.COMPLETED);
        assertThat(DB.query("SELECT count(*) FROM copied")).isEqualTo("25");
        DB.awaitSessions(1);
    }

    private static ConfigurableApplicationContext run(Class<?> application) {
        return Applications.run(DB, application, "spring.batch.jdbc.initialize-schema=always");
    }

    private static ItemReader<String> cursor(ConfigurableApplicationContext context, boolean shared) {
        return new JdbcCursorItemReaderBuilder<String>()
                .name("cursor")
                .dataSource(context.getBean(DataSource.class))
                .useSharedExtendedConnection(shared)
                .sql("SELECT key FROM example ORDER BY key")
                .rowMapper((row, number) -> row.getString(1))
                .build();
    }

    private static JobExecution copy(ConfigurableApplicationContext context, ItemReader<String> reader)
            throws Exception {
        JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
        JobRepository repository = context.getBean(JobRepository.class);
        var step = new StepBuilder("copy", repository)
                .<String, String>chunk(10)
                .transactionManager(context.getBean(PlatformTransactionManager.class))
                .reader(reader)
                .writer(keys -> keys.forEach(key -> jdbc.update("INSERT INTO copied VALUES (?)", key)))
                .build();
        Job job = new JobBuilder("copy", repository).start(step).build();
        return context.getBean(JobOperator.class)
                .start(
                        job,
                        new JobParametersBuilder()
                                .addString("run", UUID.randomUUID().toString())
                                .toJobParameters());
    }
}
