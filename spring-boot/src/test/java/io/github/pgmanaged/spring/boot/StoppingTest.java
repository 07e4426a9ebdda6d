package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import io.github.pgmanaged.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerGracefulShutdownLifecycle;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/** How a managed connection stops with its application, and starts again. */
class StoppingTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        PgmanagedAutoConfiguration.class,
        PgmanagedLifecycleAutoConfiguration.class,
        JdbcTemplateAutoConfiguration.class
    })
    static class Plain {}

    /** Says good-bye when it is destroyed. */
    record Farewell(JdbcTemplate jdbc) implements DisposableBean {
        @Override
        public void destroy() {
            jdbc.update("INSERT INTO example VALUES ('farewell', 'bean')");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import({Plain.class, Farewell.class})
    static class WithFarewell {}

    private static ConfigurableApplicationContext run(Class<?> application, String... properties) {
        return DB.closing(new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .properties("pgmanaged.conninfo=" + DB.conninfo(), "spring.main.banner-mode=off")
                .properties(properties)
                .run());
    }

    @Test
    void it_stops_after_web_servers_and_executors() {
        assertThat(DrainingLifecycle.PHASE)
                .isNegative()
                .isLessThan(WebServerGracefulShutdownLifecycle.SMART_LIFECYCLE_PHASE - 1024)
                .isLessThan(new ThreadPoolTaskExecutor().getPhase());
    }

    @Test
    void stopping_waits_for_the_holder_and_closes_the_session() throws Exception {
        ConfigurableApplicationContext context = run(Plain.class);
        ManagedConnection manager = context.getBean(ManagedConnection.class);
        Lease lease = manager.acquire();
        TestDatabase.insert(lease, "begun before the stop");

        Future<?> stopping = Elsewhere.run(context::stop);
        assertThatThrownBy(() -> stopping.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        lease.commit();
        lease.close();

        stopping.get(1, TimeUnit.MINUTES);
        assertThat(manager.isOpen()).isFalse();
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void stopping_lets_those_that_wait_have_their_turn() throws Exception {
        ConfigurableApplicationContext context = run(Plain.class);
        ManagedConnection manager = context.getBean(ManagedConnection.class);
        Lease lease = manager.acquire();
        Future<?> waiting = Elsewhere.run(() -> manager.useTransaction(own -> TestDatabase.insert(own, "waited")));
        await().until(() -> manager.waiters().count() == 1);

        Future<?> stopping = Elsewhere.run(context::stop);
        assertThatThrownBy(() -> stopping.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        lease.close();

        stopping.get(1, TimeUnit.MINUTES);
        waiting.get(1, TimeUnit.MINUTES);
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(manager.isOpen()).isFalse();
    }

    /** Holds up each opening. */
    @Configuration(proxyBeanMethods = false)
    @Import(Plain.class)
    static class SlowToOpen {
        final CountDownLatch opening = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);

        @Bean
        ManagedConnectionBuilderCustomizer slow() {
            return builder -> builder.onOpen(connection -> {
                opening.countDown();
                goOn.await();
            });
        }
    }

    @Test
    void stopping_waits_for_a_thread_that_is_only_getting_the_lease() throws Exception {
        ConfigurableApplicationContext context = run(SlowToOpen.class);
        ManagedConnection manager = context.getBean(ManagedConnection.class);
        SlowToOpen slow = context.getBean(SlowToOpen.class);
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Future<?> work = Elsewhere.run(() -> {
            try (Lease lease = manager.acquire()) {
                TestDatabase.insert(lease, "begun before the stop");
                held.countDown();
                done.await();
                lease.commit();
            }
        });
        slow.opening.await();

        Future<?> stopping = Elsewhere.run(context::stop);
        assertThatThrownBy(() -> stopping.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        slow.goOn.countDown();
        held.await();
        assertThatThrownBy(() -> stopping.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        done.countDown();

        stopping.get(1, TimeUnit.MINUTES);
        assertThat(manager.isOpen()).isFalse();
        work.get(1, TimeUnit.MINUTES);
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void a_thread_that_gets_no_lease_within_the_phase_is_named() throws Exception {
        ConfigurableApplicationContext context = run(
                SlowToOpen.class,
                "spring.lifecycle.timeout-per-shutdown-phase=100ms",
                "pgmanaged.release-timeout=100ms");
        ManagedConnection manager = context.getBean(ManagedConnection.class);
        SlowToOpen slow = context.getBean(SlowToOpen.class);
        Future<?> work = Elsewhere.run(() -> manager.acquire().close());
        slow.opening.await();
        try (LogCapture log = new LogCapture()) {
            context.close();
            assertThat(log.warnings())
                    .anySatisfy(warning -> assertThat(warning)
                            .contains("is stopped, but not free", "\"elsewhere\" is getting the session ready"));
        }
        slow.goOn.countDown();
        assertThatThrownBy(work::get).hasMessageContaining("closed");
        assertThat(manager.isOpen()).isFalse();
    }

    @Test
    void stopping_waits_for_an_attempt_that_nobody_waits_for_any_more() throws Exception {
        ConfigurableApplicationContext context = run(SlowToOpen.class, "pgmanaged.acquire-timeout=1s");
        ManagedConnection manager = context.getBean(ManagedConnection.class);
        SlowToOpen slow = context.getBean(SlowToOpen.class);
        assertThatThrownBy(manager::acquire).isInstanceOf(AcquireTimeoutException.class);
        slow.opening.await();

        Future<?> stopping = Elsewhere.run(context::stop);
        assertThatThrownBy(() -> stopping.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        slow.goOn.countDown();

        stopping.get(1, TimeUnit.MINUTES);
        assertThat(manager.isPaused()).isFalse();
        manager.acquire(Duration.ofMinutes(1)).close();
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void a_manager_that_was_paused_stays_so() {
        ConfigurableApplicationContext context = run(Plain.class);
        ManagedConnection manager = context.getBean(ManagedConnection.class);
        manager.pause();
        context.stop();
        assertThat(manager.isOpen()).isFalse();
        assertThat(manager.isPaused()).isTrue();
    }

    @Test
    void what_was_stopped_starts_again() throws Exception {
        ConfigurableApplicationContext context = run(Plain.class);
        JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
        jdbc.update("INSERT INTO example VALUES ('before', 'stop')");
        context.stop();
        assertThat(context.getBean(DrainingLifecycle.class).isRunning()).isFalse();
        assertThat(context.getBean(ManagedConnection.class).isOpen()).isFalse();
        context.start();
        assertThat(context.getBean(DrainingLifecycle.class).isRunning()).isTrue();
        jdbc.update("INSERT INTO example VALUES ('after', 'start')");
        assertThat(DB.rows()).isEqualTo(2);
    }

    @Test
    void a_bean_may_use_the_connection_while_it_is_destroyed() throws Exception {
        ConfigurableApplicationContext context = run(WithFarewell.class);
        context.close();
        assertThat(DB.query("SELECT key FROM example")).isEqualTo("farewell");
    }

    @Test
    void a_holder_that_outlasts_the_phase_is_named_and_loses_its_lease() throws Exception {
        ConfigurableApplicationContext context = run(
                Plain.class, "spring.lifecycle.timeout-per-shutdown-phase=100ms", "pgmanaged.release-timeout=100ms");
        ManagedConnection manager = context.getBean(ManagedConnection.class);
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Future<?> holder = Elsewhere.run(() -> {
            try (Lease lease = manager.acquire()) {
                TestDatabase.insert(lease, "too late");
                held.countDown();
                closed.await();
                lease.commit();
            }
        });
        held.await();
        try (LogCapture log = new LogCapture()) {
            context.close();
            assertThat(log.warnings())
                    .anySatisfy(warning -> assertThat(warning)
                            .contains("is stopped, but not free", "has held the lease", "timeout-per-shutdown-phase"));
        }
        closed.countDown();
        assertThatThrownBy(holder::get).rootCause().isInstanceOf(SQLException.class);
        assertThat(DB.rows()).isZero();
        assertThat(manager.isOpen()).isFalse();
    }
}
