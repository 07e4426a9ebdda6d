package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A lease that is held for long is noticed, and taken away if that was asked for. */
@Timeout(60)
class LongLeaseTest {
    private static final Duration SHORT = Duration.ofMillis(300);

    /** In which some work is done, on a machine that stands still for a second, too. */
    private static final Duration LIMIT = Duration.ofMillis(1500);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @Test
    void who_waits_warns_of_the_holder_its_time_its_statement_and_its_stack() throws Exception {
        ManagedConnection manager =
                DB.closing(DB.builder().slowLeaseWarning(SHORT).build());
        execute(DB.admin(), "SELECT pg_advisory_lock(4711)");
        try (LogCapture log = new LogCapture()) {
            long begun = System.nanoTime();
            CompletableFuture<Void> holder = Elsewhere.run(() -> manager.useConnection(lease -> {
                query(lease, "SELECT 'slow' FROM pg_advisory_xact_lock(4711)");
                lease.commit();
            }));
            DB.awaitWaitingFor("advisory");
            CompletableFuture<Void> waiter =
                    Elsewhere.run(() -> manager.acquire().close());
            Awaitility.await().until(() -> log.at(Level.WARN).size() == 3);
            Duration held = Duration.ofNanos(System.nanoTime() - begun);
            execute(DB.admin(), "SELECT pg_advisory_unlock(4711)");
            holder.get();
            waiter.get();

            assertThat(held).as("less and less often").isGreaterThanOrEqualTo(SHORT.multipliedBy(4));
            assertThat(log.at(Level.WARN))
                    .allSatisfy(e -> assertThat(e.getFormattedMessage())
                            .contains("Thread \"elsewhere\" has held the lease")
                            .contains("; under way: SELECT 'slow' FROM pg_advisory_xact_lock(4711)")
                            .contains("\n\tat ")
                            .contains("LongLeaseTest"));
        }
    }

    @Test
    void a_warning_shows_no_password() throws Exception {
        ManagedConnection manager =
                DB.closing(DB.builder().slowLeaseWarning(SHORT).build());
        try (LogCapture log = new LogCapture();
                Lease lease = manager.acquire()) {
            Statement open = lease.createStatement(); // to close it would be the last call
            assertThat(state(() -> open.execute("ALTER ROLE nobody_at_all PASSWORD 'hunter2'")))
                    .isEqualTo("42704");
            assertThat(Elsewhere.call(() -> state(() -> manager.acquire(LIMIT))).get())
                    .isEqualTo("08001");
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(log.at(Level.WARN))
                                    .isNotEmpty()
                                    .allMatch(
                                            e -> e.getFormattedMessage()
                                                    .contains(
                                                            "; idle in a failed transaction after: ALTER ROLE nobody_at_all PASSWORD ...")));
            assertThat(log.events()).noneMatch(e -> e.getFormattedMessage().contains("hunter2"));
            lease.rollback();
        }
    }

    @Test
    void a_lease_held_too_long_is_cancelled_and_revoked_and_the_next_one_gets_in() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder().maxLease(LIMIT).build());
        Lease lease = manager.acquire();
        int before = pid(lease);
        insert(lease, "a");
        CompletableFuture<Throwable> call =
                Elsewhere.call(() -> catchThrowable(() -> query(lease, "SELECT 'forever' FROM pg_sleep(600)")));

        int after = Elsewhere.call(() -> pid(manager)).get();

        assertThat(after).isNotEqualTo(before);
        assertThat(call.get()).isInstanceOf(SQLException.class);
        Awaitility.await("the statement is cancelled")
                .until(() -> DB.query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%forever%'"
                                + " AND datname = current_database() AND pid <> pg_backend_pid()")
                        .equals("0"));
        assertThat(DB.rows()).isZero();
        assertThatThrownBy(() -> query(lease, "SELECT 1"))
                .isInstanceOf(LeaseReleasedException.class)
                .hasMessageContaining("revoked")
                .hasMessageContaining("maxLease of 1500 ms");
        assertThatThrownBy(lease::close)
                .as("a transaction was lost")
                .isInstanceOf(LeaseReleasedException.class)
                .hasMessageContaining("rolled back");
        lease.close();
        assertThat(manager.stats().revoked()).isEqualTo(1);
        assertThat(pid(manager)).as("nobody else was disturbed").isEqualTo(after);
    }

    @Test
    void it_is_revoked_though_nobody_waits() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder().maxLease(LIMIT).build());
        Lease lease = manager.acquire();
        insert(lease, "a");
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(manager.isOpen()).isFalse();
        assertThat(state(lease::commit)).isEqualTo("08003");
    }

    @Test
    void who_lost_nothing_is_not_told_at_the_release() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder().maxLease(LIMIT).build());
        Lease lease = manager.acquire();
        insert(lease, "a");
        lease.commit();
        Awaitility.await().until(() -> manager.stats().revoked() == 1);
        lease.close();
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void a_transaction_that_is_revoked_is_told_so_and_not_committed() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder().maxLease(LIMIT).build());
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    Awaitility.await().until(lease::isClosed); // counted a moment before, when COMMIT still got through
                }))
                .isInstanceOf(LeaseReleasedException.class)
                .hasMessageContaining("revoked");
        assertThat(DB.rows()).isZero();
    }

    /** The fence is shut first; the cancel request takes a while. */
    @Test
    void who_lost_a_lease_may_ask_for_another_while_it_is_still_being_taken_away() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection manager = DB.closing(ManagedConnection.builder(proxy.source())
                .maxLease(LIMIT)
                .releaseTimeout(Duration.ofSeconds(1))
                .build());
        Lease lease = manager.acquire();
        proxy.refuseToListen();
        Awaitility.await().pollInterval(Duration.ofMillis(1)).until(lease::isClosed);
        assertThatThrownBy(() -> manager.acquire(Duration.ofMillis(100)))
                .as("a timeout, and not a reproach")
                .isInstanceOf(AcquireTimeoutException.class);
        Awaitility.await("the cancel request is not waited for any longer than that")
                .atMost(Duration.ofSeconds(5))
                .until(() -> !manager.isOpen());
    }

    @Test
    void without_a_time_for_it_nobody_is_warned() throws Exception {
        ManagedConnection manager =
                DB.closing(DB.builder().slowLeaseWarning(Duration.ZERO).build());
        try (LogCapture log = new LogCapture();
                Lease lease = manager.acquire()) {
            assertThat(Elsewhere.call(() -> state(() -> manager.acquire(SHORT))).get())
                    .isEqualTo("08001");
            assertThat(log.at(Level.WARN)).isEmpty();
            assertThat(lease.isClosed()).isFalse();
        }
    }

    @Test
    void short_leases_are_left_alone_however_many() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder().maxLease(LIMIT).build());
        int before = pid(manager);
        long until = System.nanoTime() + 2 * LIMIT.toNanos();
        int keys = 0;
        while (System.nanoTime() < until) {
            String key = "k" + keys++;
            manager.useTransaction(lease -> insert(lease, key));
        }
        assertThat(pid(manager)).isEqualTo(before);
        assertThat(manager.stats().revoked()).isZero();
        assertThat(DB.rows()).isEqualTo(keys);
    }

    // --- leases that are idle -----------------------------------------------------------------------------------

    @Test
    void a_lease_that_makes_no_call_for_long_is_revoked_and_its_holder_learns_why() throws Exception {
        ManagedConnection manager =
                DB.closing(DB.builder().leaseIdleTimeout(LIMIT).build());
        Lease lease = manager.acquire();
        insert(lease, "a");
        int before = pid(lease);
        assertThat(Elsewhere.call(() -> pid(manager)).get())
                .as("of the next lease")
                .isNotEqualTo(before);
        assertThat(manager.stats().revoked()).isEqualTo(1);
        assertThatThrownBy(lease::commit)
                .hasMessageContaining("had made no call on it")
                .hasMessageContaining("leaseIdleTimeout");
        assertThatThrownBy(lease::close).hasMessageContaining("leaseIdleTimeout");
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_lease_that_never_made_a_call_is_idle_from_its_beginning() throws Exception {
        ManagedConnection manager =
                DB.closing(DB.builder().leaseIdleTimeout(SHORT).build());
        Lease lease = manager.acquire();
        Awaitility.await().until(() -> manager.stats().revoked() == 1);
        lease.close();
    }

    @Test
    void a_lease_whose_one_call_lasts_longer_than_its_idle_timeout_is_left_alone() throws Exception {
        ManagedConnection manager =
                DB.closing(DB.builder().leaseIdleTimeout(LIMIT).build());
        manager.useTransaction(lease -> {
            query(lease, "SELECT 1 FROM pg_sleep(" + 2 * LIMIT.toMillis() / 1000.0 + ")");
            insert(lease, "a");
        });
        assertThat(manager.stats().revoked()).isZero();
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void a_lease_that_makes_a_call_now_and_then_is_left_alone() throws Exception {
        ManagedConnection manager =
                DB.closing(DB.builder().leaseIdleTimeout(LIMIT).build());
        manager.useTransaction(lease -> {
            for (int i = 0; i < 8; i++) {
                query(lease, "SELECT 1");
                Awaitility.await().pollDelay(Duration.ofMillis(250)).until(() -> true);
            }
            insert(lease, "a");
        });
        assertThat(manager.stats().revoked()).isZero();
        assertThat(DB.rows()).isEqualTo(1);
    }
}
