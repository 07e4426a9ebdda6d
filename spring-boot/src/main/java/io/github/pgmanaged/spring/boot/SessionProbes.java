package io.github.pgmanaged.spring.boot;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;

/**
 * Which of the application's DataSources are a manager's, and are asked by a {@link SessionProbe}: for the health
 * classes of each generation of Boot.
 */
public final class SessionProbes {
    /** The name of the bean that says how the database is, in each generation. */
    public static final String CONTRIBUTOR = "dbHealthContributor";

    private final ConfigurableListableBeanFactory beans;

    /**
     * Looks at beans when it is asked.
     *
     * @param beans the application's
     */
    public SessionProbes(ConfigurableListableBeanFactory beans) {
        this.beans = beans;
    }

    /**
     * The probe of a DataSource.
     *
     * @param bean the name of its bean
     * @return a new probe; empty if the DataSource is no manager's
     */
    public Optional<SessionProbe> of(String bean) {
        return sources().containsKey(bean) ? of(sources().get(bean)) : Optional.empty();
    }

    /**
     * The probe of the application's only DataSource.
     *
     * @return a new probe; empty if it is no manager's, or there are several
     */
    public Optional<SessionProbe> ofTheOnlyOne() {
        Map<String, DataSource> sources = sources();
        return sources.size() == 1 ? of(sources.values().iterator().next()) : Optional.empty();
    }

    private Optional<SessionProbe> of(DataSource source) {
        return LeasePoolMetadata.manager(source).map(manager -> new SessionProbe(manager, timeout()));
    }

    private Duration timeout() {
        return beans.getBean(PgmanagedProperties.class).healthTimeout();
    }

    /** Those of which Boot says how they are. */
    private Map<String, DataSource> sources() {
        return SimpleAutowireCandidateResolver.resolveAutowireCandidates(beans, DataSource.class, false, true);
    }
}
