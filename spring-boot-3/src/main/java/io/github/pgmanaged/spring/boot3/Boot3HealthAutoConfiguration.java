package io.github.pgmanaged.spring.boot3;

import io.github.pgmanaged.spring.boot.HealthReplacement;
import io.github.pgmanaged.spring.boot.PgmanagedAutoConfiguration;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.health.CompositeHealthContributor;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthContributor;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.jdbc.DataSourceHealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** The health classes of Boot 3.5 for {@link HealthReplacement}. */
@AutoConfiguration(after = PgmanagedAutoConfiguration.class)
@ConditionalOnClass({HealthContributor.class, DataSourceHealthIndicator.class})
public final class Boot3HealthAutoConfiguration {
    @Bean
    static BeanPostProcessor pgmanagedHealthPostProcessor(ConfigurableListableBeanFactory beans) {
        return new HealthReplacement<HealthContributor>(
                beans,
                DataSourceHealthIndicator.class,
                probe -> (HealthIndicator) () -> probe.check()
                        .as((status, details) ->
                                Health.status(status).withDetails(details).build()),
                bean -> bean instanceof CompositeHealthContributor several
                        ? several.stream().map(part -> Map.entry(part.getName(), part.getContributor()))
                        : Stream.empty(),
                CompositeHealthContributor::fromMap);
    }
}
