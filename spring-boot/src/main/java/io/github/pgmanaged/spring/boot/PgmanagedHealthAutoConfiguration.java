package io.github.pgmanaged.spring.boot;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.jdbc.health.DataSourceHealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * The health check {@code db} of Boot 4: in place of Boot's indicator of a managed connection, which takes two leases
 * and waits for them, one that waits for no holder. Those of other DataSources stay.
 */
@AutoConfiguration(after = PgmanagedAutoConfiguration.class)
@ConditionalOnClass({HealthContributor.class, DataSourceHealthIndicator.class})
public final class PgmanagedHealthAutoConfiguration {
    @Bean
    static BeanPostProcessor pgmanagedHealthPostProcessor(ConfigurableListableBeanFactory beans) {
        return new Replacement(new SessionProbes(beans));
    }

    private record Replacement(SessionProbes probes) implements BeanPostProcessor {
        @Override
        public Object postProcessAfterInitialization(Object bean, String beanName) {
            if (!beanName.equals(SessionProbes.CONTRIBUTOR)) {
                return bean;
            }
            if (bean instanceof CompositeHealthContributor composite) {
                return replaceIn(composite);
            }
            return bean instanceof DataSourceHealthIndicator boots
                    ? probes.ofTheOnlyOne()
                            .<HealthContributor>map(Indicator::new)
                            .orElse(boots)
                    : bean;
        }

        private HealthContributor replaceIn(CompositeHealthContributor composite) {
            Map<String, HealthContributor> contributors = new LinkedHashMap<>();
            for (HealthContributors.Entry entry : composite) {
                HealthContributor boots = entry.contributor();
                contributors.put(
                        entry.name(),
                        boots instanceof DataSourceHealthIndicator
                                ? probes.of(entry.name())
                                        .<HealthContributor>map(Indicator::new)
                                        .orElse(boots)
                                : boots);
            }
            return CompositeHealthContributor.fromMap(contributors);
        }
    }

    private static final class Indicator extends AbstractHealthIndicator {
        private final SessionProbe probe;

        Indicator(SessionProbe probe) {
            super("The health check of the managed connection failed");
            this.probe = probe;
        }

        @Override
        protected void doHealthCheck(Health.Builder builder) {
            SessionProbe.Finding finding = probe.check();
            (finding.up() ? builder.up() : builder.down()).withDetails(finding.details());
            if (finding.error() != null) {
                builder.withException(finding.error());
            }
        }
    }
}
