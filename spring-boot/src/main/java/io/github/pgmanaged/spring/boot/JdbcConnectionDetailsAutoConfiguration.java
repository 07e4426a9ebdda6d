package io.github.pgmanaged.spring.boot;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;

/**
 * Takes the server from Boot 4's {@link JdbcConnectionDetails}, as Testcontainers and Docker Compose make them. Beside
 * another DataSource they are that one's.
 */
@AutoConfiguration(before = PgmanagedAutoConfiguration.class)
@ConditionalOnClass(JdbcConnectionDetails.class)
@ConditionalOnBean(JdbcConnectionDetails.class)
@ConditionalOnMissingBean(PgmanagedConnectionDetails.class)
@ConditionalOnBooleanProperty(name = "pgmanaged.default-candidate", matchIfMissing = true)
public final class JdbcConnectionDetailsAutoConfiguration {
    @Bean
    PgmanagedConnectionDetails pgmanagedConnectionDetails(JdbcConnectionDetails details) {
        return PgmanagedConnectionDetails.ofJdbcUrl(details.getJdbcUrl(), details.getUsername(), details.getPassword());
    }
}
