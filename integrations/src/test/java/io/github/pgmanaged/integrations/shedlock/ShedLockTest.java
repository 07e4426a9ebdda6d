package io.github.pgmanaged.integrations.shedlock;

import static io.github.pgmanaged.integrations.SecondConnections.refusedTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.integrations.JdbcApplication;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import net.javacrumbs.shedlock.spring.annotation.EnableSchedulerLock;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** ShedLock takes, extends and gives up its lock in a transaction of its own, so outside of any other. */
class ShedLockTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @JdbcApplication
    @EnableSchedulerLock(defaultLockAtMostFor = "10m")
    @Import({Report.class, Numbers.class})
    static class Shop {
        @Bean
        LockProvider locks(DataSource source) {
            return new JdbcTemplateLockProvider(source);
        }
    }

    /** The lock outside, the transaction inside. */
    static class Report {
        private final Numbers numbers;

        Report(Numbers numbers) {
            this.numbers = numbers;
        }

        @SchedulerLock(name = "report")
        public void write() {
            numbers.write();
        }

        @Transactional
        public void writeInATransaction() {
            numbers.lockedInside();
        }
    }

    static class Numbers {
        private final JdbcTemplate jdbc;

        Numbers(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        @Transactional
        public void write() {
            jdbc.update("INSERT INTO example VALUES ('report', '1')");
        }

        @SchedulerLock(name = "inside")
        public void lockedInside() {
            jdbc.update("INSERT INTO example VALUES ('inside', '1')");
        }
    }

    private ConfigurableApplicationContext context;
    private ManagedConnection manager;
    private LockProvider locks;

    @BeforeEach
    void run() throws Exception {
        DB.update("DROP TABLE IF EXISTS shedlock");
        DB.update("CREATE TABLE shedlock (name varchar(64) PRIMARY KEY, lock_until timestamp NOT NULL,"
                + " locked_at timestamp NOT NULL, locked_by varchar(255) NOT NULL)");
        context = Applications.run(DB, Shop.class);
        manager = context.getBean(ManagedConnection.class);
        locks = context.getBean(LockProvider.class);
    }

    private Optional<SimpleLock> lock(String name) {
        return locks.lock(new LockConfiguration(Instant.now(), name, Duration.ofMinutes(10), Duration.ZERO));
    }

    @Test
    void a_lock_is_taken_once_extended_and_given_up() throws Exception {
        SimpleLock lock = lock("one").orElseThrow();
        assertThat(lock("one")).isEmpty();
        SimpleLock longer = lock.extend(Duration.ofMinutes(20), Duration.ZERO).orElseThrow();
        longer.unlock();
        assertThat(lock("one")).isPresent();
        DB.awaitSessions(1);
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void a_locked_method_may_work_in_a_transaction() throws Exception {
        context.getBean(Report.class).write();
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void a_lock_wanted_inside_a_transaction_fails_at_once() throws Exception {
        refusedTo(() -> context.getBean(Report.class).writeInATransaction(), "@SchedulerLock");
        TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
        refusedTo(() -> transaction.executeWithoutResult(status -> lock("one")), "@SchedulerLock");
        assertThat(DB.rows()).isZero();
        assertThat(manager.stats().timeouts()).isZero();
    }

    @Test
    void an_extension_waits_for_the_holder_of_the_lease() throws Exception {
        SimpleLock lock = lock("one").orElseThrow();
        CompletableFuture<Optional<SimpleLock>> extension;
        try (Lease held = manager.acquire()) {
            extension = Elsewhere.call(() -> lock.extend(Duration.ofMinutes(20), Duration.ZERO));
            Awaitility.await().until(() -> manager.waiters().count() == 1);
        }
        assertThat(extension.get()).isPresent();
    }
}
