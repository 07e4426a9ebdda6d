package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.micrometer.ConnectionMeterConventions;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What docs/spring-boot.md shows. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("pgmanaged.lease-idle-timeout") // as the page sets it: other tests scan this package, too
class DocumentedConfiguration {
    @Bean
    ManagedConnectionBuilderCustomizer inTheSchemaOfTheShop() {
        return builder -> builder.onOpen(connection -> connection.setSchema("pg_catalog"));
    }

    @Bean
    ConnectionMeterConventions namesOfThePoolBefore() {
        return ConnectionMeterConventions.hikariCp();
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnBooleanProperty(name = "pgmanaged.default-candidate", havingValue = false)
    static class Beside {
        @Bean
        JdbcClient jobs(@Qualifier("pgmanagedDataSource") DataSource source) {
            return JdbcClient.create(source);
        }
    }
}
