package io.github.pgmanaged.spring.boot;

import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** What to set if an application wants a database and nothing says where it is. Boot would speak of its pool's URL. */
@Order(Ordered.HIGHEST_PRECEDENCE + 100)
final class NoServerFailureAnalyzer implements FailureAnalyzer {
    /** Beans that there are if there is a DataSource. */
    private static final Set<String> NEED_ONE = Set.of(
            "javax.sql.DataSource",
            "io.github.pgmanaged.ManagedConnection",
            "org.springframework.jdbc.core.JdbcOperations",
            "org.springframework.jdbc.core.JdbcTemplate",
            "org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations",
            "org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate",
            "org.springframework.jdbc.core.simple.JdbcClient",
            "org.springframework.transaction.PlatformTransactionManager",
            "org.springframework.transaction.TransactionManager",
            "org.springframework.transaction.support.TransactionOperations",
            "org.springframework.transaction.support.TransactionTemplate",
            "jakarta.persistence.EntityManagerFactory");

    private final BeanFactory beans;
    private final Environment environment;

    NoServerFailureAnalyzer(BeanFactory beans, Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        return Causes.of(failure)
                .filter(cause -> wanted(cause) != null)
                .findFirst()
                .filter(cause -> isOurs(cause))
                .map(cause -> new FailureAnalysis(
                        "The application wants " + wanted(cause) + ", and nothing says where its PostgreSQL is:"
                                + " pgmanaged.conninfo is not set, and there is neither a JdbcConnectionDetails bean of"
                                + " a PostgreSQL nor a DataSource bean.",
                        "Set pgmanaged.conninfo: a libpq connection string such as postgres://user@host/database or"
                                + " host=... dbname=..., or a jdbc:postgresql: URL. (spring.datasource.url is a pool's"
                                + " and not read by pgmanaged. If a pool is wanted: add com.zaxxer:HikariCP, which the"
                                + " starter leaves out, and set that.)",
                        cause))
                .orElse(null);
    }

    private static @Nullable String wanted(Throwable cause) {
        if (cause.getClass().getName().endsWith(".DataSourceProperties$DataSourceBeanCreationException")) {
            return "a DataSource";
        }
        if (cause instanceof NoSuchBeanDefinitionException missing
                && !(cause instanceof NoUniqueBeanDefinitionException)) {
            ResolvableType type = missing.getResolvableType();
            String name = type == null ? missing.getBeanName() : type.toClass().getName();
            if ("entityManagerFactory".equals(name)) {
                return "an EntityManagerFactory";
            }
            return name != null && NEED_ONE.contains(name) ? "a bean of type " + name : null;
        }
        return null;
    }

    /** Whether the DataSource would be ours, and is missing for want of a server. */
    private boolean isOurs(Throwable cause) {
        Binder binder = Binder.get(environment);
        return !binder.bind("pgmanaged.conninfo", String.class).isBound()
                && binder.bind("pgmanaged.default-candidate", Boolean.class).orElse(true)
                && (!(cause instanceof NoSuchBeanDefinitionException) || hasNoDataSource());
    }

    private boolean hasNoDataSource() {
        return beans instanceof ListableBeanFactory all
                && all.getBeanNamesForType(DataSource.class, true, false).length == 0;
    }
}
