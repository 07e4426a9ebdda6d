package io.github.pgmanaged.spring.boot;

import java.util.Map;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.health.DataSourceHealthIndicator;
import org.springframework.context.annotation.Bean;

/** The health classes of Boot 4 for {@link HealthReplacement}. */
@AutoConfiguration(after = PgmanagedAutoConfiguration.class)
@ConditionalOnClass({HealthContributor.class, DataSourceHealthIndicator.class})
public final class PgmanagedHealthAutoConfiguration {
    @Bean
    static BeanPostProcessor pgmanagedHealthPostProcessor(ConfigurableListableBeanFactory beans) {
        return new HealthReplacement<HealthContributor>(
                beans,
                DataSourceHealthIndicator.class,
                probe -> (HealthIndicator) () -> probe.check()
                        .as((status, details) ->
                                Health.status(status).withDetails(details).build()),
                bean -> bean instanceof CompositeHealthContributor several
                        ? several.stream().map(part -> Map.entry(part.name(), part.contributor()))
                        : Stream.empty(),
                CompositeHealthContributor::fromMap);
    }
}
