package io.github.pgmanaged.foreign;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** A log whose appender misbehaves in any way. */
@Timeout(60)
class ForeignLogTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** Attaches a trap to our logger, at every level. */
    private static final class Trapped implements AutoCloseable {
        private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.pgmanaged.ManagedConnection");
        private final Trap trap;
        private final Appender<ILoggingEvent> appender;

        Trapped(Trap trap) {
            this.trap = trap;
            this.appender = appender(trap);
            appender.setContext(logger.getLoggerContext());
            appender.start();
            logger.setLevel(Level.TRACE);
            logger.setAdditive(false);
            logger.addAppender(appender);
        }

        /** Logback's own base class catches what an appender throws, so this is none. */
        @SuppressWarnings("unchecked")
        private static Appender<ILoggingEvent> appender(Trap trap) {
            AppenderBase<ILoggingEvent> base = new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {}
            };
            return (Appender<ILoggingEvent>) Proxy.newProxyInstance(
                    ForeignLogTest.class.getClassLoader(), new Class<?>[] {Appender.class}, (proxy, method, args) -> {
                        if (method.getName().equals("doAppend")) {
                            trap.spring();
                        }
                        return method.invoke(base, args);
                    });
        }

        @Override
        public void close() {
            trap.release();
            Awaitility.await().until(() -> writers() == 0);
            logger.detachAppender(appender);
            logger.setLevel(null);
            logger.setAdditive(true);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatever_an_appender_does_every_call_of_ours_ends_and_the_next_lease_is_clean(Misbehaviour misbehaviour)
            throws Exception {
        Scene scene = new Scene(DB, misbehaviour);
        try (Trapped log = new Trapped(scene.trap)) {
            scene.wrapping(raw -> DataSources.with(raw, (method, go) -> { // so that there is something to log
                        if (method.equals("close")) {
                            throw new IllegalStateException("close");
                        }
                        return go.call();
                    }))
                    .play();
        }
        assertThat(scene.trap.hasSprung()).isTrue();
    }

    @Test
    void though_an_appender_blocks_long_leases_and_idle_sessions_are_still_ended() throws Exception {
        assertThatTheJanitorWorks(Misbehaviour.BLOCKS);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"BLOCKS", "CLOSES"})
    void whatever_an_appender_does_long_leases_and_idle_sessions_are_still_ended(Misbehaviour misbehaviour)
            throws Exception {
        assertThatTheJanitorWorks(misbehaviour);
    }

    private static void assertThatTheJanitorWorks(Misbehaviour misbehaviour) throws Exception {
        Trap trap = new Trap(misbehaviour);
        ManagedConnection manager = DB.closing(DB.builder()
                .maxLease(Duration.ofMillis(1500))
                .idleTimeout(Duration.ofMillis(100))
                .acquireTimeout(Duration.ofSeconds(15))
                .releaseTimeout(Duration.ofSeconds(1))
                .build());
        trap.setManager(manager);
        try (Trapped log = new Trapped(trap)) {
            for (int i = 1; i <= 2; i++) {
                Lease held = acquired(manager);
                insert(held, "held");
                Awaitility.await("revoked").until(held::isClosed);
                assertThat(manager.stats().revoked()).isGreaterThanOrEqualTo(i); // an appender may hold one, too
                Elsewhere.run(() -> pid(manager)).get(15, TimeUnit.SECONDS);
                Awaitility.await("idle").until(() -> !manager.isOpen());
            }
        }
        assertThat(trap.hasSprung()).isTrue();
        assertThat(DB.rows()).isZero();
    }

    /** An appender that takes leases may have it just now. */
    private static Lease acquired(ManagedConnection manager) throws SQLException {
        return manager.acquire(Duration.ofSeconds(15));
    }

    @Test
    void a_warning_about_a_long_lease_that_cannot_be_written_does_not_keep_those_who_wait_from_their_turns()
            throws Exception {
        Trap trap = new Trap(Misbehaviour.BLOCKS);
        ManagedConnection manager =
                DB.closing(DB.builder().slowLeaseWarning(Duration.ofMillis(1)).build());
        trap.setManager(manager);
        try (Trapped log = new Trapped(trap)) {
            Lease held = manager.acquire();
            CompletableFuture<Void> one = Elsewhere.run(() -> pid(manager));
            CompletableFuture<Void> two = Elsewhere.run(() -> pid(manager));
            Awaitility.await().until(trap::hasSprung);
            held.close();
            one.get(10, TimeUnit.SECONDS);
            two.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void an_appender_that_is_stuck_does_not_cost_a_thread_a_line() throws Exception {
        Trap trap = new Trap(Misbehaviour.BLOCKS);
        ManagedConnection manager = DB.manager();
        trap.setManager(manager);
        try (Trapped log = new Trapped(trap)) {
            long before = writers();
            for (int i = 0; i < 200; i++) {
                manager.reset();
                manager.acquire().close(); // "Connecting to ..."
            }
            assertThat(writers() - before).isBetween(1L, 60L);
        }
        try (LogCapture log = new LogCapture()) {
            manager.reset();
            manager.acquire().close();
            Awaitility.await("it goes on").until(() -> !log.events().isEmpty());
        }
    }

    private static long writers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("pgmanaged log"))
                .count();
    }

    @Test
    void a_warning_about_ones_own_work_is_written_when_the_call_returns_and_has_ones_logging_context() {
        ManagedConnection manager = DB.manager();
        MDC.put("request", "42");
        try (LogCapture log = new LogCapture()) {
            long begun = System.nanoTime();
            assertThatThrownBy(() -> manager.useConnection(lease -> insert(lease, "a")))
                    .isInstanceOf(OpenTransactionException.class);
            if (System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(1)) { // for which it waits, and no longer
                assertThat(log.writtenAt(Level.WARN)).hasSize(1);
            }
            assertThat(log.at(Level.WARN))
                    .singleElement()
                    .satisfies(e -> assertThat(e.getMDCPropertyMap()).containsEntry("request", "42"));
        } finally {
            MDC.remove("request");
        }
    }
}
