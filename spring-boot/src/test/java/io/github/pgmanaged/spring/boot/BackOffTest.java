package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Which DataSource an application has. Nothing is connected. */
class BackOffTest {
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    JdbcConnectionDetailsAutoConfiguration.class,
                    PgmanagedAutoConfiguration.class,
                    PgmanagedLifecycleAutoConfiguration.class,
                    DataSourceAutoConfiguration.class))
            .withPropertyValues("pgmanaged.conninfo=postgres://nowhere.invalid/orders");

    @Test
    void one_property_makes_the_manager_and_the_only_data_source() {
        runner.run(context -> {
            assertThat(context).hasSingleBean(ManagedConnection.class).hasSingleBean(DataSource.class);
            assertThat(context.getBean(DataSource.class).unwrap(ManagedConnection.class))
                    .isSameAs(context.getBean(ManagedConnection.class));
        });
    }
}
