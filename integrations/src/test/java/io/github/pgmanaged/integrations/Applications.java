package io.github.pgmanaged.integrations;

import io.github.pgmanaged.testing.TestDatabase;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts small Spring Boot applications, which are closed after the test. */
public final class Applications {
    private Applications() {}

    /** On the managed connection to a test's database. */
    public static ConfigurableApplicationContext run(TestDatabase db, Class<?> application, String... properties) {
        return db.closing(new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .properties("pgmanaged.conninfo=" + db.conninfo(), "spring.main.banner-mode=off")
                .properties(properties)
                .run());
    }
}
