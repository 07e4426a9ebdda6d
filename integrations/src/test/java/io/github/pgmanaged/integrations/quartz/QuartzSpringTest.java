package io.github.pgmanaged.integrations.quartz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.integrations.JdbcApplication;
import io.github.pgmanaged.testing.TestDatabase;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.TriggerBuilder;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** Quartz through Boot, whose job store joins Spring's transactions. */
@Timeout(180)
class QuartzSpringTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @JdbcApplication
    @ImportAutoConfiguration(QuartzAutoConfiguration.class)
    static class Shop {}

    /** Does some work in the database. */
    public static final class Order implements Job {
        @Autowired
        private JdbcTemplate jdbc;

        @Override
        public void execute(JobExecutionContext context) {
            jdbc.update(
                    "INSERT INTO example VALUES (?, '1')",
                    context.getJobDetail().getKey().getName());
        }
    }

    private static void schedule(Scheduler scheduler, String key) {
        try {
            scheduler.scheduleJob(
                    JobBuilder.newJob(Order.class).withIdentity(key).build(),
                    TriggerBuilder.newTrigger().startNow().build());
        } catch (SchedulerException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_job_scheduled_in_a_transaction_shares_its_fate() throws Exception {
        var context = Applications.run(
                DB,
                Shop.class,
                "spring.quartz.job-store-type=jdbc",
                "spring.quartz.jdbc.initialize-schema=always",
                "spring.quartz.properties.org.quartz.jobStore.driverDelegateClass="
                        + "org.quartz.impl.jdbcjobstore.PostgreSQLDelegate");
        Scheduler scheduler = context.getBean(Scheduler.class);
        TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    schedule(scheduler, "undone");
                    throw new IllegalStateException("undo");
                }))
                .hasMessage("undo");
        transaction.executeWithoutResult(status -> schedule(scheduler, "in a transaction"));
        schedule(scheduler, "in none");
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(DB.query("SELECT string_agg(key, ', ' ORDER BY key) FROM example"))
                        .isEqualTo("in a transaction, in none"));
        DB.awaitSessions(1);
        assertThat(context.getBean(ManagedConnection.class).stats().timeouts()).isZero();
    }
}
