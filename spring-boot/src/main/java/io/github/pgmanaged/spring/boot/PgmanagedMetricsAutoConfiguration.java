package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.micrometer.ConnectionMeterConventions;
import io.github.pgmanaged.micrometer.ManagedConnectionMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.MeterConvention;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * The meters of {@code pgmanaged-micrometer}, if it is there, for each manager; Boot binds them to each registry. A
 * {@link ConnectionMeterConventions} bean gives them other names. They need Micrometer 1.16, which Boot 4 has.
 */
@AutoConfiguration(after = PgmanagedAutoConfiguration.class)
@ConditionalOnClass({ManagedConnectionMetrics.class, MeterConvention.class})
@ConditionalOnBean(ManagedConnection.class)
public final class PgmanagedMetricsAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean(ManagedConnectionMetrics.class)
    ManagedConnectionMeters pgmanagedMeters(
            ObjectProvider<ManagedConnection> managers, ObjectProvider<ConnectionMeterConventions> conventions) {
        ConnectionMeterConventions names = conventions.getIfAvailable(ConnectionMeterConventions::openTelemetry);
        return new ManagedConnectionMeters(managers.orderedStream()
                .map(manager -> new ManagedConnectionMetrics(manager, names))
                .toList());
    }

    /** A bean has them all, and ends them with the application. */
    record ManagedConnectionMeters(List<ManagedConnectionMetrics> metrics) implements MeterBinder, AutoCloseable {
        @Override
        public void bindTo(MeterRegistry registry) {
            metrics.forEach(meters -> meters.bindTo(registry));
        }

        @Override
        public void close() {
            metrics.forEach(ManagedConnectionMetrics::close);
        }
    }
}
