package io.github.pgmanaged.integrations.quartz;

import static io.github.pgmanaged.integrations.SecondConnections.refusedTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestDatabase;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.Scheduler;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;

/** Quartz with its jobs in the database, and jobs that work there, too: all take turns on the one connection. */
@Timeout(180)
class QuartzTest {
    private static final int RUNS = 40;

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private final ManagedConnection manager = DB.closing(ManagedConnection.of(DB.conninfo()));

    /** Gives the scheduler leases. */
    static final class LeaseProvider implements ConnectionProvider {
        private final ManagedConnection manager;

        LeaseProvider(ManagedConnection manager) {
            this.manager = manager;
        }

        @Override
        public Connection getConnection() throws SQLException {
            return manager.asDataSource().getConnection();
        }

        @Override
        public void initialize() {}

        @Override
        public void shutdown() {} // the manager may serve others
    }

    /** Does some work in the database. */
    public static final class Order implements Job {
        @Override
        public void execute(JobExecutionContext context) throws JobExecutionException {
            try {
                ManagedConnection manager =
                        (ManagedConnection) context.getScheduler().getContext().get("manager");
                String key = context.getJobDetail().getKey().getName();
                manager.useTransaction(lease -> TestDatabase.insert(lease, key));
            } catch (Exception e) {
                throw new JobExecutionException(e);
            }
        }
    }

    @BeforeEach
    void tables() throws Exception {
        try (InputStream tables = Objects.requireNonNull(
                Scheduler.class.getResourceAsStream("/org/quartz/impl/jdbcjobstore/tables_postgres.sql"))) {
            DB.update(new String(tables.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private Scheduler scheduler(boolean clustered, int threads) throws Exception {
        Scheduler scheduler = wired(manager, UUID.randomUUID().toString(), clustered, threads);
        scheduler.getContext().put("manager", manager);
        DB.closing(() -> scheduler.shutdown(true));
        return scheduler;
    }

    private static Scheduler wired(ManagedConnection manager, String name, boolean clustered, int threads)
            throws Exception {
        DBConnectionManager.getInstance().addConnectionProvider(name, new LeaseProvider(manager));
        Properties properties = new Properties();
        properties.setProperty("org.quartz.scheduler.instanceName", "shop");
        properties.setProperty("org.quartz.scheduler.instanceId", name);
        properties.setProperty("org.quartz.threadPool.threadCount", "" + threads);
        properties.setProperty("org.quartz.jobStore.class", "org.quartz.impl.jdbcjobstore.JobStoreTX");
        properties.setProperty(
                "org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.PostgreSQLDelegate");
        properties.setProperty("org.quartz.jobStore.dataSource", name);
        properties.setProperty("org.quartz.jobStore.isClustered", "" + clustered);
        return new StdSchedulerFactory(properties).getScheduler();
    }

    private static void schedule(Scheduler scheduler, String key) throws Exception {
        scheduler.scheduleJob(
                JobBuilder.newJob(Order.class).withIdentity(key).build(),
                TriggerBuilder.newTrigger().startNow().build());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void each_job_runs_once_with_more_threads_than_connections(boolean clustered) throws Exception {
        Scheduler scheduler = scheduler(clustered, 5);
        for (int i = 0; i < RUNS / 2; i++) {
            schedule(scheduler, "before the start " + i);
        }
        scheduler.start();
        for (int i = 0; i < RUNS / 2; i++) {
            schedule(scheduler, "after the start " + i);
        }
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(DB.rows()).isEqualTo(RUNS));
        scheduler.shutdown(true);
        assertThat(DB.query("SELECT count(*) FROM qrtz_fired_triggers")).isEqualTo("0");
        DB.awaitSessions(1);
        assertThat(manager.stats().timeouts()).isZero();
        assertThat(manager.stats().rollbacks()).isZero();
    }

    @Test
    void the_scheduler_and_its_jobs_wait_for_a_holder_of_the_lease() throws Exception {
        Scheduler scheduler = scheduler(false, 1);
        schedule(scheduler, "waits");
        CompletableFuture<Void> starting;
        try (Lease lease = manager.acquire()) {
            starting = Elsewhere.run(scheduler::start);
            Awaitility.await().until(() -> manager.waiters().count() > 0);
        }
        starting.get();
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(DB.rows()).isEqualTo(1));
    }

    @Test
    void the_scheduler_called_by_a_holder_of_the_lease_fails_at_once() throws Exception {
        Scheduler scheduler = scheduler(false, 1);
        try (Lease lease = manager.acquire()) {
            refusedTo(() -> schedule(scheduler, "never"), "job store");
        }
        schedule(scheduler, "later");
        assertThat(DB.query("SELECT string_agg(job_name, ', ') FROM qrtz_job_details"))
                .isEqualTo("later");
    }
}
