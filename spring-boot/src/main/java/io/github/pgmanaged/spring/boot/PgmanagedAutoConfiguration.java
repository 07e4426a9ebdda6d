package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.ManagedConnection;
import javax.sql.DataSource;
import javax.sql.XADataSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;

/**
 * A {@link ManagedConnection} and its {@link DataSource}, if {@code pgmanaged.conninfo} or a
 * {@link PgmanagedConnectionDetails} bean says where the server is. Backs off where Boot's own DataSource would, unless
 * {@code pgmanaged.default-candidate} is false: then the DataSource stands beside the application's.
 */
@AutoConfiguration(
        beforeName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration"
        },
        // Boot's own DataSource backs off for what these make, too.
        afterName = {
            "org.springframework.boot.jdbc.autoconfigure.JndiDataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.XADataSourceAutoConfiguration",
            "org.springframework.boot.r2dbc.autoconfigure.R2dbcAutoConfiguration",
            "org.springframework.boot.autoconfigure.jdbc.JndiDataSourceAutoConfiguration",
            "org.springframework.boot.autoconfigure.jdbc.XADataSourceAutoConfiguration",
            "org.springframework.boot.autoconfigure.r2dbc.R2dbcAutoConfiguration"
        })
@ConditionalOnClass({ManagedConnection.class, EmbeddedDatabaseType.class})
@EnableConfigurationProperties(PgmanagedProperties.class)
public final class PgmanagedAutoConfiguration {
    /** The application's DataSource. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(OnServer.class)
    @ConditionalOnBooleanProperty(name = "pgmanaged.default-candidate", matchIfMissing = true)
    @ConditionalOnMissingBean(
            value = {DataSource.class, XADataSource.class},
            type = "io.r2dbc.spi.ConnectionFactory")
    @Import(ManagerConfiguration.class)
    static class Own {
        /** By the name of Boot's, which some look for. */
        @Bean
        @ConditionalOnSingleCandidate(ManagedConnection.class)
        DataSource dataSource(ManagedConnection manager, PgmanagedProperties properties) {
            return leases(manager, properties);
        }
    }

    /** A DataSource that only those get who name it. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(OnServer.class)
    @ConditionalOnBooleanProperty(name = "pgmanaged.default-candidate", havingValue = false)
    @Import(ManagerConfiguration.class)
    static class Beside {
        @Bean(defaultCandidate = false)
        @ConditionalOnSingleCandidate(ManagedConnection.class)
        DataSource pgmanagedDataSource(ManagedConnection manager, PgmanagedProperties properties) {
            return leases(manager, properties);
        }
    }

    private static DataSource leases(ManagedConnection manager, PgmanagedProperties properties) {
        DataSource leases = manager.asDataSource();
        return properties.connectionFetch() == ConnectionFetch.LAZY
                ? new LazyLeases(leases, properties.autoCommit())
                : leases;
    }
}
