package io.github.pgmanaged.spring.boot;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Whether the connection details of the application are those of a PostgreSQL, as far as can be told. Others are left
 * to Boot's pool. Each generation of Boot has its own type of them.
 *
 * @param <D> Boot's type of connection details
 */
public abstract class OnPostgresDetails<D> extends SpringBootCondition implements ConfigurationCondition {
    /**
     * Which details. Not a field: a condition is made on each Boot, also where the type is missing.
     *
     * @return their type
     */
    protected abstract Class<D> type();

    /**
     * Where the server is.
     *
     * @param details of the application
     * @return their JDBC URL; null if they have none
     */
    protected abstract @Nullable String url(D details);

    @Override
    public final ConfigurationPhase getConfigurationPhase() {
        return ConfigurationPhase.REGISTER_BEAN;
    }

    @Override
    public final ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        ConditionMessage.Builder because = ConditionMessage.forCondition("URL of " + type().getSimpleName());
        ConfigurableListableBeanFactory beans = Objects.requireNonNull(context.getBeanFactory());
        return candidates(beans)
                .flatMap(name -> DefinedBean.look(beans, name, type()).stream())
                .flatMap(details -> Stream.ofNullable(urlIfKnown(details)))
                .filter(jdbc -> jdbc.startsWith("jdbc:")
                        && !jdbc.startsWith("jdbc:postgresql:")
                        && !jdbc.startsWith("jdbc:libpq:"))
                .findFirst()
                .map(other -> ConditionOutcome.noMatch(because.because("is not PostgreSQL's")))
                .orElseGet(() -> ConditionOutcome.match(because.because("may be PostgreSQL's")));
    }

    /** The only bean, or the primary one. */
    private Stream<String> candidates(ConfigurableListableBeanFactory beans) {
        List<String> names = List.of(beans.getBeanNamesForType(type(), true, false));
        return names.stream()
                .filter(name -> names.size() == 1
                        || (beans.containsBeanDefinition(name)
                                && beans.getMergedBeanDefinition(name).isPrimary()));
    }

    private @Nullable String urlIfKnown(D details) {
        try {
            return url(details);
        } catch (RuntimeException e) { // a container that has not been started
            return null;
        }
    }
}
