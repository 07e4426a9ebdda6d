package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.LogCapture;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.orm.jpa.support.OpenEntityManagerInViewInterceptor;

/** An application whose requests may keep the connection is warned. */
class OpenInViewTest {
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(PgmanagedAutoConfiguration.class, PgmanagedLifecycleAutoConfiguration.class))
            .withPropertyValues("pgmanaged.conninfo=postgres://nowhere.invalid/orders");

    /** As Boot makes it, but that there is no JPA here. */
    static class Interceptor extends OpenEntityManagerInViewInterceptor {
        @Override
        public void setBeanFactory(BeanFactory beans) {}
    }

    @Test
    void with_open_in_view_there_is_a_warning_that_says_what_to_set() {
        try (LogCapture log = new LogCapture()) {
            runner.withBean(Interceptor.class)
                    .run(context -> assertThat(context).hasNotFailed());
            assertThat(log.warnings()).singleElement().asString().contains("spring.jpa.open-in-view=false");
        }
    }

    @Test
    void without_it_there_is_none() {
        try (LogCapture log = new LogCapture()) {
            runner.run(context -> assertThat(context).hasNotFailed());
            assertThat(log.warnings()).isEmpty();
        }
    }
}
