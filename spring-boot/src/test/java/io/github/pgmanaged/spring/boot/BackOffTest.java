package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pgmanaged.ManagedConnection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.sql.DataSource;
import javax.sql.XADataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.xa.PGXADataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;

/** Which DataSource an application has. Nothing is connected. */
class BackOffTest {
    private static final String CONNINFO = "pgmanaged.conninfo=postgres://nowhere.invalid/orders";
    private static final String POOL = "spring.datasource.url=jdbc:postgresql://pool.invalid/orders";

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    JdbcClientAutoConfiguration.class,
                    JdbcConnectionDetailsAutoConfiguration.class,
                    PgmanagedAutoConfiguration.class,
                    PgmanagedLifecycleAutoConfiguration.class,
                    PgmanagedHealthAutoConfiguration.class));

    @Test
    void one_property_makes_the_manager_and_the_only_data_source() {
        runner.withPropertyValues(CONNINFO).run(context -> {
            assertThat(context).hasSingleBean(ManagedConnection.class).hasSingleBean(DataSource.class);
            assertThat(context).hasBean("dataSource");
            assertThat(managerOf(context.getBean(JdbcTemplate.class).getDataSource()))
                    .isSameAs(context.getBean(ManagedConnection.class));
            assertThat(context.getBean(ManagedConnection.class).isOpen()).isFalse();
        });
    }

    @Test
    void it_goes_before_the_url_of_a_pool() {
        runner.withPropertyValues(CONNINFO, POOL).run(context -> {
            assertThat(context).hasSingleBean(DataSource.class).doesNotHaveBean(HikariDataSource.class);
        });
    }

    @Test
    void without_a_server_boots_pool_is_as_ever() {
        runner.withPropertyValues(POOL).run(context -> {
            assertThat(context).hasSingleBean(HikariDataSource.class).doesNotHaveBean(ManagedConnection.class);
            assertThat(context).doesNotHaveBean(DrainingLifecycle.class);
        });
    }

    @Test
    void it_backs_off_from_a_data_source_of_the_applications_own() {
        runner.withPropertyValues(CONNINFO)
                .withBean("mine", DataSource.class, DriverManagerDataSource::new)
                .run(context -> {
                    assertThat(context).hasSingleBean(DataSource.class).hasBean("mine");
                    assertThat(context).doesNotHaveBean(ManagedConnection.class);
                });
    }

    @Test
    void it_backs_off_from_a_reactive_connection_factory_as_boots_own_does() {
        runner.withPropertyValues(CONNINFO)
                .withBean(io.r2dbc.spi.ConnectionFactory.class, () -> new io.r2dbc.spi.ConnectionFactory() {})
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(DataSource.class)
                        .doesNotHaveBean(ManagedConnection.class));
    }

    @Test
    void a_data_source_that_is_no_default_candidate_does_not_count() {
        runner.withPropertyValues(CONNINFO)
                .withUserConfiguration(Reporting.class)
                .run(context -> {
                    assertThat(context).hasBean("dataSource").hasBean("reporting");
                    assertThat(managerOf(context.getBean(JdbcTemplate.class).getDataSource()))
                            .isNotNull();
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class Reporting {
        @Bean(defaultCandidate = false)
        DataSource reporting() {
            return new DriverManagerDataSource();
        }
    }

    @Test
    void beside_a_pool_it_is_found_by_its_name_only() {
        runner.withPropertyValues(CONNINFO, POOL, "pgmanaged.default-candidate=false")
                .withUserConfiguration(Both.class)
                .run(context -> {
                    Both.Sources both = context.getBean(Both.Sources.class);
                    assertThat(both.pool()).isInstanceOf(HikariDataSource.class);
                    assertThat(managerOf(both.managed())).isSameAs(both.manager());
                    assertThat(context.getBean(JdbcTemplate.class).getDataSource())
                            .isSameAs(both.pool());
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class Both {
        record Sources(DataSource pool, DataSource managed, ManagedConnection manager) {}

        @Bean
        Sources sources(
                DataSource pool, @Qualifier("pgmanagedDataSource") DataSource managed, ManagedConnection manager) {
            return new Sources(pool, managed, manager);
        }
    }

    @Test
    void it_backs_off_from_a_manager_of_the_applications_own() {
        ManagedConnection mine = ManagedConnection.of("postgres://mine.invalid/orders");
        runner.withPropertyValues(CONNINFO)
                .withBean("mine", ManagedConnection.class, () -> mine)
                .run(context -> {
                    assertThat(context).hasSingleBean(ManagedConnection.class);
                    assertThat(managerOf(context.getBean(DataSource.class))).isSameAs(mine);
                });
    }

    @Test
    void a_manager_of_the_applications_own_without_a_property_leaves_the_pool_alone() {
        runner.withPropertyValues(POOL)
                .withBean(ManagedConnection.class, () -> ManagedConnection.of("postgres://mine.invalid/orders"))
                .run(context -> assertThat(context)
                        .hasSingleBean(HikariDataSource.class)
                        .hasSingleBean(DataSource.class)
                        .hasSingleBean(DrainingLifecycle.class));
    }

    @Test
    void the_server_may_come_from_connection_details_which_go_before_the_property() {
        runner.withPropertyValues(CONNINFO)
                .withBean(JdbcConnectionDetails.class, () -> details("jdbc:postgresql://container:5432/test?a=b"))
                .run(context -> {
                    assertThat(context).hasSingleBean(ManagedConnection.class).hasSingleBean(DataSource.class);
                    assertThat(context.getBean(ManagedConnection.class).toString())
                            .contains("container:5432/test")
                            .doesNotContain("s3cret");
                });
    }

    @Test
    void connection_details_alone_are_enough() {
        runner.withBean(JdbcConnectionDetails.class, () -> details("jdbc:postgresql://container:5432/test"))
                .run(context -> assertThat(
                                managerOf(context.getBean(DataSource.class)).toString())
                        .contains("container:5432/test"));
    }

    @Test
    void beside_a_pool_connection_details_are_the_pools() {
        runner.withPropertyValues(CONNINFO, "pgmanaged.default-candidate=false")
                .withBean(JdbcConnectionDetails.class, () -> details("jdbc:postgresql://container:5432/test"))
                .run(context -> {
                    assertThat(context.getBean(HikariDataSource.class).getJdbcUrl())
                            .contains("container");
                    assertThat(context.getBean(ManagedConnection.class).toString())
                            .contains("nowhere.invalid");
                });
    }

    @Test
    void connection_details_of_another_database_that_are_there_or_come_of_a_supplier_are_the_pools() {
        JdbcConnectionDetails mysql = details("jdbc:mysql://container:3306/test");
        for (ApplicationContextRunner other : List.of(
                runner.withBean(JdbcConnectionDetails.class, () -> mysql),
                runner.withInitializer(context -> context.getBeanFactory().registerSingleton("mysql", mysql)))) {
            other.run(context -> {
                assertThat(context).hasNotFailed().doesNotHaveBean(ManagedConnection.class);
                assertThat(context.getBean(HikariDataSource.class).getJdbcUrl()).contains("mysql");
            });
            other.withPropertyValues(CONNINFO)
                    .run(context -> assertThat(
                                    context.getBean(ManagedConnection.class).toString())
                            .contains("nowhere.invalid"));
        }
    }

    /** What makes the details may start a container, say. */
    @Test
    void what_makes_connection_details_is_called_once() {
        for (String url : List.of("jdbc:postgresql://container:5432/test", "jdbc:mysql://container:3306/test")) {
            AtomicInteger made = new AtomicInteger();
            runner.withBean(JdbcConnectionDetails.class, () -> details(url, made))
                    .run(context -> {
                        assertThat(context).hasNotFailed().hasSingleBean(JdbcConnectionDetails.class);
                        assertThat(made).hasValue(1);
                    });
        }
        for (Class<?> methods : List.of(ByMethod.class, ByStaticMethod.class)) {
            AtomicInteger made = new AtomicInteger();
            MADE.set(made);
            runner.withUserConfiguration(methods).run(context -> {
                assertThat(context).hasNotFailed().hasSingleBean(ManagedConnection.class);
                assertThat(made).hasValue(1);
            });
        }
    }

    private static final AtomicReference<AtomicInteger> MADE = new AtomicReference<>();

    @Configuration
    static class ByMethod {
        @Bean
        JdbcConnectionDetails details() {
            return BackOffTest.details("jdbc:postgresql://container:5432/test", MADE.get());
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ByStaticMethod {
        @Bean
        static JdbcConnectionDetails details() {
            return BackOffTest.details("jdbc:postgresql://container:5432/test", MADE.get());
        }
    }

    private static JdbcConnectionDetails details(String url, AtomicInteger made) {
        made.incrementAndGet();
        return details(url);
    }

    @Configuration(proxyBeanMethods = false)
    static class Mysql {
        @Bean
        JdbcConnectionDetails mysql() {
            return details("jdbc:mysql://container:3306/test");
        }
    }

    @Test
    void where_a_method_makes_those_of_another_database_start_up_says_what_to_set() {
        ApplicationContextRunner mysql = runner.withUserConfiguration(Mysql.class);
        mysql.run(context -> {
            FailureAnalysis analysis = new PgmanagedFailureAnalyzer().analyze(context.getStartupFailure());
            assertThat(analysis).isNotNull();
            assertThat(analysis.getAction()).contains("another database", "pgmanaged.default-candidate=false");
        });
        mysql.withPropertyValues("pgmanaged.default-candidate=false")
                .run(context -> assertThat(
                                context.getBean(HikariDataSource.class).getJdbcUrl())
                        .contains("mysql"));
    }

    @Test
    void details_that_need_others_are_made_when_it_is_their_time() {
        AtomicInteger made = new AtomicInteger();
        runner.withBean(AtomicInteger.class, () -> made)
                .withUserConfiguration(OfAContainer.class)
                .run(context -> {
                    assertThat(managerOf(context.getBean(DataSource.class)).toString())
                            .contains("container:5432/test");
                    assertThat(made).hasValue(1);
                });
    }

    @Configuration
    static class OfAContainer {
        @Bean
        JdbcConnectionDetails details(AtomicInteger made) {
            made.incrementAndGet();
            return BackOffTest.details("jdbc:postgresql://container:5432/test");
        }
    }

    @Test
    void two_connection_details_are_nobodys() {
        ApplicationContextRunner two = runner.withBean(
                        "one", JdbcConnectionDetails.class, () -> details("jdbc:postgresql://one:5432/test"))
                .withBean("two", JdbcConnectionDetails.class, () -> details("jdbc:postgresql://two:5432/test"));
        two.withBean("mine", DataSource.class, DriverManagerDataSource::new)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ManagedConnection.class));
        two.withPropertyValues(CONNINFO)
                .run(context -> assertThat(
                                managerOf(context.getBean(DataSource.class)).toString())
                        .contains("nowhere.invalid"));
    }

    @Test
    void of_two_connection_details_the_primary_one_counts() {
        runner.withBean("one", JdbcConnectionDetails.class, () -> details("jdbc:mysql://one:3306/test"))
                .withBean(
                        "two",
                        JdbcConnectionDetails.class,
                        () -> details("jdbc:postgresql://two:5432/test"),
                        bean -> bean.setPrimary(true))
                .run(context -> assertThat(
                                managerOf(context.getBean(DataSource.class)).toString())
                        .contains("two:5432/test"));
    }

    @Configuration(proxyBeanMethods = false)
    static class Mine {
        @Bean
        DataSource mine() {
            return new DriverManagerDataSource();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class MineForXa {
        @Bean
        XADataSource mine() {
            return new PGXADataSource();
        }
    }

    @Test
    void connection_details_are_left_to_a_data_source_of_the_applications_own() {
        for (Class<?> type : List.of(Mine.class, MineForXa.class)) {
            runner.withBean(JdbcConnectionDetails.class, () -> details("jdbc:postgresql://container:5432/test"))
                    .withUserConfiguration(type)
                    .run(context -> assertThat(context)
                            .hasNotFailed()
                            .doesNotHaveBean(PgmanagedConnectionDetails.class)
                            .doesNotHaveBean(ManagedConnection.class));
        }
    }

    @Test
    void without_spring_jdbc_or_the_library_there_is_nothing() {
        for (Supplier<FilteredClassLoader> missing : List.<Supplier<FilteredClassLoader>>of(
                () -> new FilteredClassLoader(EmbeddedDatabaseType.class),
                () -> new FilteredClassLoader(ManagedConnection.class))) {
            runner.withPropertyValues(CONNINFO, POOL)
                    .withClassLoader(missing.get())
                    .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ManagedConnection.class));
        }
    }

    @Test
    void without_the_actuator_it_works() {
        runner.withPropertyValues(CONNINFO)
                .withClassLoader(new FilteredClassLoader(
                        "org.springframework.boot.health", "org.springframework.boot.actuate", "io.micrometer"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(ManagedConnection.class));
    }

    private static ManagedConnection managerOf(DataSource source) {
        return LeasePoolMetadata.manager(source).orElseThrow();
    }

    private static JdbcConnectionDetails details(String url) {
        return new JdbcConnectionDetails() {
            @Override
            public String getUsername() {
                return "tester";
            }

            @Override
            public String getPassword() {
                return "s3cret & more";
            }

            @Override
            public String getJdbcUrl() {
                return url;
            }

            /** One that there is here; nothing is connected. */
            @Override
            public String getDriverClassName() {
                return "org.postgresql.Driver";
            }
        };
    }
}
