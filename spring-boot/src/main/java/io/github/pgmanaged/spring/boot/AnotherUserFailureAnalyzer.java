package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.ManagedConnection;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * What to change if a migration is to run as another user. Boot derives a DataSource from the application's for that,
 * which one session does not allow.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 100)
final class AnotherUserFailureAnalyzer implements FailureAnalyzer {
    private final BeanFactory beans;

    AnotherUserFailureAnalyzer(BeanFactory beans) {
        this.beans = beans;
    }

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        if (!(beans instanceof ListableBeanFactory all)
                || all.getBeanNamesForType(ManagedConnection.class, true, false).length == 0) {
            return null;
        }
        return Causes.of(failure)
                .filter(cause -> passes(cause, ".DataSourceBuilder"))
                .flatMap(cause -> Stream.of("flyway", "liquibase")
                        .filter(tool -> passes(cause, "." + tool + "."))
                        .map(tool -> analysis(cause, tool)))
                .findFirst()
                .orElse(null);
    }

    private static boolean passes(Throwable cause, String classes) {
        return Stream.of(cause.getStackTrace())
                .map(StackTraceElement::getClassName)
                .anyMatch(name -> name.startsWith("org.springframework.boot.") && name.contains(classes));
    }

    private static FailureAnalysis analysis(Throwable cause, String tool) {
        String prefix = "spring." + tool + ".";
        return new FailureAnalysis(
                "The migration is to run as a user of its own (" + prefix + "user), and without " + prefix
                        + "url Boot makes a DataSource for it out of the application's. A managed connection has one"
                        + " session with one user, so that there is nothing to make one of: " + cause.getMessage(),
                "Leave " + prefix + "user out, so that the migration runs on the managed connection; or set " + prefix
                        + "url, too: the migration then has a connection of its own.",
                cause);
    }
}
