package io.github.pgmanaged.spring.boot;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * The health check {@code db}: in place of Boot's indicator of a managed connection, which takes two leases and waits
 * for them, one that waits for nobody. Those of other DataSources stay. Each generation of Boot says which classes of
 * its own it has for that.
 *
 * @param <C> Boot's type of a health contributor
 */
public final class HealthReplacement<C> implements BeanPostProcessor {
    private final SessionProbes probes;
    private final Class<? extends C> boots;
    private final Function<SessionProbe, C> indicator;
    private final Function<Object, Stream<Map.Entry<String, C>>> parts;
    private final Function<Map<String, C>, C> composite;

    /**
     * Replaces some indicators.
     *
     * @param beans the application's
     * @param boots the class of those that are replaced
     * @param indicator makes one that asks a probe
     * @param parts what a composite contributor is made of; empty for one that is no composite
     * @param composite makes one
     */
    public HealthReplacement(
            ConfigurableListableBeanFactory beans,
            Class<? extends C> boots,
            Function<SessionProbe, C> indicator,
            Function<Object, Stream<Map.Entry<String, C>>> parts,
            Function<Map<String, C>, C> composite) {
        this.probes = new SessionProbes(beans);
        this.boots = boots;
        this.indicator = indicator;
        this.parts = parts;
        this.composite = composite;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (!beanName.equals(SessionProbes.CONTRIBUTOR)) {
            return bean;
        }
        if (boots.isInstance(bean)) {
            return probes.ofTheOnlyOne().<Object>map(indicator).orElse(bean);
        }
        Map<String, C> all = new LinkedHashMap<>();
        parts.apply(bean).forEach(part -> all.put(part.getKey(), replaced(part.getKey(), part.getValue())));
        return all.isEmpty() ? bean : composite.apply(all);
    }

    private C replaced(String name, C part) {
        return boots.isInstance(part) ? probes.of(name).map(indicator).orElse(part) : part;
    }
}
