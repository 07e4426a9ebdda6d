package io.github.pgmanaged.spring.boot3;

import io.github.pgmanaged.spring.boot.OnPostgresDetails;
import io.github.pgmanaged.spring.boot.PgmanagedAutoConfiguration;
import io.github.pgmanaged.spring.boot.PgmanagedConnectionDetails;
import javax.sql.DataSource;
import javax.sql.XADataSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * Takes the server from Boot 3.5's {@link JdbcConnectionDetails}, as Testcontainers and Docker Compose make them.
 * Beside another DataSource they are that one's, and those of another database are Boot's pool's.
 */
@AutoConfiguration(before = PgmanagedAutoConfiguration.class)
@ConditionalOnClass(JdbcConnectionDetails.class)
@ConditionalOnSingleCandidate(JdbcConnectionDetails.class)
@ConditionalOnMissingBean({PgmanagedConnectionDetails.class, DataSource.class, XADataSource.class})
@ConditionalOnBooleanProperty(name = "pgmanaged.default-candidate", matchIfMissing = true)
@Conditional(Boot3ConnectionDetailsAutoConfiguration.OfPostgres.class)
public final class Boot3ConnectionDetailsAutoConfiguration {
    @Bean
    PgmanagedConnectionDetails pgmanagedConnectionDetails(JdbcConnectionDetails details) {
        return PgmanagedConnectionDetails.ofJdbcUrl(details.getJdbcUrl(), details.getUsername(), details.getPassword());
    }

    static final class OfPostgres extends OnPostgresDetails<JdbcConnectionDetails> {
        @Override
        protected Class<JdbcConnectionDetails> type() {
            return JdbcConnectionDetails.class;
        }

        @Override
        protected String url(JdbcConnectionDetails details) {
            return details.getJdbcUrl();
        }
    }
}
