package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.ManagedConnection;
import java.time.Duration;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** What goes with each manager of the application, whoever made it: how it stops, what metrics show, a warning. */
@AutoConfiguration(after = PgmanagedAutoConfiguration.class)
@ConditionalOnClass({ManagedConnection.class, DataSourcePoolMetadataProvider.class})
@ConditionalOnBean(ManagedConnection.class)
public final class PgmanagedLifecycleAutoConfiguration {
    private static final Duration BOOTS_DEFAULT = Duration.ofSeconds(30);

    @Bean
    DrainingLifecycle pgmanagedLifecycle(ObjectProvider<ManagedConnection> managers, Environment environment) {
        Duration phase = Binder.get(environment)
                .bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
                .orElse(BOOTS_DEFAULT);
        // A little less, so that Spring hears of the end before it gives up.
        return new DrainingLifecycle(
                managers.orderedStream().toList(), phase.multipliedBy(9).dividedBy(10));
    }

    @Bean
    static DataSourcePoolMetadataProvider pgmanagedPoolMetadataProvider() {
        return LeasePoolMetadata::of;
    }

    @Bean
    static OpenInViewWarning pgmanagedOpenInViewWarning(ListableBeanFactory beans) {
        return new OpenInViewWarning(beans);
    }
}
