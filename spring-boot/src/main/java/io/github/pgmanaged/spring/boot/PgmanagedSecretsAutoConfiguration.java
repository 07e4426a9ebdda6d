package io.github.pgmanaged.spring.boot;

import java.util.Locale;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** The actuator shows no connection string, which may have a password, even where it is told to show values. */
@AutoConfiguration
@ConditionalOnClass(SanitizingFunction.class)
public final class PgmanagedSecretsAutoConfiguration {
    @Bean
    static SanitizingFunction pgmanagedSanitizingFunction() {
        return data -> {
            // However it is spelled: Spring reads pgmanaged.conn-info and PGMANAGED_CONNINFO, too.
            String letters = data.getKey().toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
            return letters.endsWith("pgmanagedconninfo") ? data.withSanitizedValue() : data;
        };
    }
}
