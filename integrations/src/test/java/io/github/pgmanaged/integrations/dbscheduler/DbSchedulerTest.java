package io.github.pgmanaged.integrations.dbscheduler;

import static io.github.pgmanaged.integrations.SecondConnections.refusedTo;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** db-scheduler: its polling, its heartbeats and the tasks take turns on the one connection. */
@Timeout(180)
class DbSchedulerTest {
    private static final int RUNS = 20;

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private final ManagedConnection manager = DB.closing(ManagedConnection.of(DB.conninfo()));
    private final OneTimeTask<Void> order = order(manager);

    private static OneTimeTask<Void> order(ManagedConnection manager) {
        return Tasks.oneTime("order").execute((instance, context) -> {
            try {
                manager.useTransaction(lease -> TestDatabase.insert(lease, instance.getId()));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static Scheduler wired(ManagedConnection manager, OneTimeTask<Void> order) {
        Scheduler scheduler = Scheduler.create(manager.asDataSource(), order)
                .threads(4)
                .pollingInterval(Duration.ofSeconds(1))
                .build();
        return scheduler;
    }

    @BeforeEach
    void table() throws Exception {
        DB.update("DROP TABLE IF EXISTS scheduled_tasks");
        DB.update("CREATE TABLE scheduled_tasks (task_name text NOT NULL, task_instance text NOT NULL,"
                + " task_data bytea, execution_time timestamptz NOT NULL, picked boolean NOT NULL, picked_by text,"
                + " last_success timestamptz, last_failure timestamptz, consecutive_failures int,"
                + " last_heartbeat timestamptz, version bigint NOT NULL, priority smallint,"
                + " PRIMARY KEY (task_name, task_instance))");
    }

    private void runs(Scheduler scheduler) throws Exception {
        DB.closing(scheduler::stop);
        for (int i = 0; i < RUNS / 2; i++) {
            scheduler.schedule(order.instance("before the start " + i), Instant.now());
        }
        scheduler.start();
        for (int i = 0; i < RUNS / 2; i++) {
            scheduler.schedule(order.instance("after the start " + i), Instant.now());
        }
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> DB.query("SELECT count(*) FROM scheduled_tasks").equals("0"));
        scheduler.stop();
        assertThat(DB.rows()).isEqualTo(RUNS);
        DB.awaitSessions(1);
        assertThat(manager.stats().timeouts()).isZero();
    }

    @Test
    void each_task_runs_once_with_more_threads_than_connections() throws Exception {
        runs(wired(manager, order));
        assertThat(manager.stats().rollbacks()).isZero();
    }

    @Test
    void on_leases_that_begin_with_autocommit_off_it_is_told_to_commit() throws Exception {
        DataSource source = manager.asDataSource(false);
        Scheduler scheduler = Scheduler.create(source, order)
                .threads(4)
                .pollingInterval(Duration.ofSeconds(1))
                .commitWhenAutocommitDisabled(true)
                .build();
        runs(scheduler);
    }

    @Test
    void the_scheduler_and_its_tasks_wait_for_a_holder_of_the_lease() throws Exception {
        Scheduler scheduler = wired(manager, order);
        DB.closing(scheduler::stop);
        scheduler.schedule(order.instance("waits"), Instant.now());
        try (Lease lease = manager.acquire()) {
            scheduler.start();
            Awaitility.await().until(() -> manager.waiters().count() > 0);
        }
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(DB.rows()).isEqualTo(1));
    }

    @Test
    void the_client_called_by_a_holder_of_the_lease_fails_at_once() throws Exception {
        Scheduler scheduler = wired(manager, order);
        try (Lease lease = manager.acquire()) {
            refusedTo(() -> scheduler.schedule(order.instance("never"), Instant.now()));
        }
        assertThat(DB.query("SELECT count(*) FROM scheduled_tasks")).isEqualTo("0");
        assertThat(manager.stats().timeouts()).isZero();
    }
}
