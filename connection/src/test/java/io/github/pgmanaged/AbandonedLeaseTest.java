package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A lease that nobody can release any more is taken back by who waits. */
@Timeout(60)
class AbandonedLeaseTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager =
            DB.closing(DB.builder().releaseTimeout(Duration.ofMillis(300)).build());

    @Test
    void a_lease_that_nothing_refers_to_any_more_is_taken_back_and_rolled_back() throws Exception {
        try (LogCapture log = new LogCapture()) {
            int before = forget();

            CompletableFuture<Integer> waiter = Elsewhere.call(() -> pid(manager));
            collectUntilDone(waiter);

            assertThat(waiter.get()).isNotEqualTo(before);
            assertThat(DB.rows()).isZero();
            String holder = Thread.currentThread().getName();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(log.at(Level.ERROR))
                            .singleElement()
                            .satisfies(e -> assertThat(e.getFormattedMessage())
                                    .contains("never released: nothing refers to it any more")
                                    .contains(holder)));
            assertThat(manager.stats().abandoned()).isEqualTo(1);
        }
    }

    @Test
    void after_the_first_loss_the_log_says_where_the_lease_was_acquired() throws Exception {
        try (LogCapture log = new LogCapture()) {
            for (int i = 0; i < 2; i++) {
                forget();
                collectUntilDone(Elsewhere.call(() -> pid(manager)));
                int lines = i + 1;
                Awaitility.await().until(() -> log.at(Level.ERROR).size() == lines);
            }
            assertThat(log.at(Level.ERROR).get(0).getThrowableProxy())
                    .as("it costs a stack trace each")
                    .isNull();
            ILoggingEvent second = log.at(Level.ERROR).get(1);
            assertThat(second.getThrowableProxy().getStackTraceElementProxyArray())
                    .anyMatch(frame ->
                            frame.getStackTraceElement().getMethodName().equals("forget"));
        }
    }

    @Test
    void a_lease_is_alive_as_long_as_something_that_came_from_it() throws Exception {
        Statement kept = manager.acquire().createStatement();
        CompletableFuture<Lease> waiter = Elsewhere.call(() -> manager.acquire(Duration.ofSeconds(2)));
        collectUntilDone(waiter.handle((lease, error) -> error));
        assertThat(waiter).isCompletedExceptionally();
        assertThat(query(kept.getConnection(), "SELECT 1")).isEqualTo("1");
        kept.getConnection().rollback();
        kept.getConnection().close();
    }

    @Test
    void a_lease_whose_thread_has_ended_is_taken_back_and_its_handles_are_dead() throws Exception {
        Lease lease = acquiredByAThreadThatHasEnded();
        int after;
        try (LogCapture log = new LogCapture()) {
            int before = pid(lease);
            Elsewhere.callToTheEnd(() -> {
                insert(lease, "a");
                return null;
            });

            after = pid(manager);
            assertThat(after).isNotEqualTo(before);

            Awaitility.await()
                    .untilAsserted(() -> assertThat(log.at(Level.ERROR))
                            .singleElement()
                            .satisfies(e -> assertThat(e.getFormattedMessage())
                                    .contains("the thread has ended, and no other has used it since")));
        }
        assertThat(DB.rows()).isZero();
        assertThat(state(() -> query(lease, "SELECT 1"))).isEqualTo("08003");
        assertThat(state(lease::close)).isEqualTo("08003");
        assertThat(pid(manager)).as("the late close() touched nobody").isEqualTo(after);
        Awaitility.await("the lost one has ended").until(() -> DB.sessions() == 1);
    }

    @Test
    void a_lease_that_was_handed_on_keeps_its_turn_while_a_living_thread_works_with_it() throws Exception {
        Lease lease = acquiredByAThreadThatHasEnded();
        insert(lease, "a"); // this thread's work
        CompletableFuture<String> waiter = Elsewhere.call(() -> state(() -> manager.acquire(Duration.ofSeconds(1))));
        assertThat(waiter.get()).as("a timeout").isEqualTo("08001");
        insert(lease, "b");
        lease.commit();
        lease.close();
        assertThat(DB.rows()).isEqualTo(2);
        assertThat(manager.stats().abandoned()).isZero();
    }

    @Test
    void a_lease_that_was_handed_on_has_the_release_timeout_until_its_first_call() throws Exception {
        ManagedConnection patient =
                DB.closing(DB.builder().releaseTimeout(Duration.ofMinutes(1)).build());
        Lease lease = Elsewhere.callToTheEnd(patient::acquire);
        assertThatThrownBy(() -> patient.acquire(Duration.ofMillis(500))).isInstanceOf(AcquireTimeoutException.class);
        insert(lease, "a");
        lease.commit();
        lease.close();
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void a_call_that_is_under_way_keeps_the_turn_though_the_acquirer_has_ended() throws Exception {
        execute(DB.admin(), "SELECT pg_advisory_lock(4711)");
        Lease lease = acquiredByAThreadThatHasEnded();
        PreparedStatement prepared =
                Elsewhere.callToTheEnd(() -> lease.prepareStatement("SELECT 'done' FROM pg_advisory_xact_lock(4711)"));
        CountDownLatch done = new CountDownLatch(1);
        CompletableFuture<String> worker = Elsewhere.call(() -> {
            ResultSet rows = prepared.executeQuery(); // the first call of a thread that is alive
            rows.next();
            String answer = rows.getString(1);
            lease.rollback();
            lease.close();
            done.countDown();
            return answer;
        });
        Awaitility.await().until(() -> manager.status() == TransactionStatus.ACTIVE);
        CompletableFuture<Integer> waiter = Elsewhere.call(() -> pid(manager));
        Awaitility.await("for longer than the releaseTimeout")
                .during(Duration.ofMillis(1200))
                .until(() -> !waiter.isDone());
        execute(DB.admin(), "SELECT pg_advisory_unlock(4711)");
        assertThat(waiter.get()).isPositive();
        done.await();
        assertThat(worker.get()).isEqualTo("done");
        assertThat(manager.stats().abandoned()).isZero();
    }

    @Test
    void a_thread_that_lost_its_own_lease_gets_another() throws SQLException {
        int before = forget();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            Lease lease;
            try {
                lease = manager.tryAcquire().orElseThrow();
            } catch (ReentrantAcquireException e) {
                return false; // not collected yet
            }
            assertThat(pid(lease)).isNotEqualTo(before);
            lease.rollback();
            lease.close();
            return true;
        });
        assertThat(manager.stats().abandoned()).isEqualTo(1);
    }

    @Test
    void who_releases_a_lease_that_was_taken_back_is_told_what_it_lost() throws Exception {
        Lease lease = acquiredByAThreadThatHasEnded();
        Elsewhere.run(() -> insert(lease, "a")).get();
        assertThat(pid(manager)).isPositive();
        assertThatThrownBy(lease::close)
                .isInstanceOf(LeaseReleasedException.class)
                .hasMessageContaining("never released: the thread has ended")
                .hasMessageContaining("rolled back");
        lease.close();
    }

    private Lease acquiredByAThreadThatHasEnded() throws Exception {
        return Elsewhere.callToTheEnd(manager::acquire);
    }

    /** The lease and all that came from it is garbage when this returns. */
    private int forget() throws SQLException {
        Lease lease = manager.acquire();
        insert(lease, "a");
        return pid(lease);
    }

    private static void collectUntilDone(CompletableFuture<?> future) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return future.isDone();
        });
    }

    @Test
    void a_lease_that_is_lost_costs_the_session_though_no_transaction_is_open() throws Exception {
        int before = forgetIdle();
        CompletableFuture<Integer> waiter = Elsewhere.call(() -> pid(manager));
        collectUntilDone(waiter);
        assertThat(waiter.get()).as("nobody knows what was left in it").isNotEqualTo(before);
    }

    private int forgetIdle() throws SQLException {
        Lease lease = manager.acquire();
        int pid = pid(lease);
        lease.rollback();
        return pid;
    }

    @Test
    void a_lease_of_a_living_thread_keeps_its_turn_though_it_has_made_no_call_yet() throws Exception {
        Lease lease = manager.acquire();
        assertThat(Elsewhere.call(() -> state(() -> manager.acquire(Duration.ofSeconds(1))))
                        .get())
                .as("a timeout")
                .isEqualTo("08001");
        insert(lease, "a");
        lease.commit();
        lease.close();
        assertThat(manager.stats().abandoned()).isZero();
    }
}
