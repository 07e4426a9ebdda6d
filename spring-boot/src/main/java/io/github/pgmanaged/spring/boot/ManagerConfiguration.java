package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.ManagedConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The manager, unless the application has one of its own. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(ManagedConnection.class)
class ManagerConfiguration {
    @Bean
    ManagedConnection managedConnection(
            PgmanagedProperties properties,
            ObjectProvider<PgmanagedConnectionDetails> details,
            ObjectProvider<ManagedConnectionBuilderCustomizer> customizers,
            Environment environment)
            throws SQLException {
        ManagedConnection.Builder builder = ManagedConnection.builder(server(properties, details.getIfAvailable()));
        String application = environment.getProperty("spring.application.name");
        if (application != null && !application.isBlank()) {
            builder.name(application);
        }
        properties.applyTo(builder);
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        ManagedConnection manager = builder.build();
        if (properties.openWithin() != null) {
            open(manager, properties.openWithin());
        }
        return manager;
    }

    private static String server(PgmanagedProperties properties, @Nullable PgmanagedConnectionDetails details) {
        return details == null
                ? Objects.requireNonNull(properties.conninfo(), "pgmanaged.conninfo")
                : JdbcUrlDetails.complete(details);
    }

    private static void open(ManagedConnection manager, Duration within) throws SQLException {
        boolean open = false;
        try {
            manager.open(within);
            open = true;
        } finally {
            if (!open) {
                manager.close();
            }
        }
    }
}
