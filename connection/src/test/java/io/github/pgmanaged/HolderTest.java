package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who has the lease, who waits for it, and how long that took. */
@Timeout(60)
class HolderTest {
    private static final Duration SOME = Duration.ofMillis(100);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager = DB.manager();

    private Holder holder() {
        return manager.holder().orElseThrow();
    }

    private void awaitIdle(Duration idle) {
        Awaitility.await().until(() -> holder().idleFor().compareTo(idle) >= 0);
    }

    // --- the holder ---------------------------------------------------------------------------------------------

    @Test
    void nobody_holds_a_lease_before_the_first_one_and_after_the_last() throws SQLException {
        assertThat(manager.holder()).isEmpty();
        manager.useConnection(lease -> assertThat(manager.holder()).isPresent());
        assertThat(manager.holder()).isEmpty();
        assertThat(manager.waiters()).isEqualTo(new Waiters(0, Duration.ZERO));
    }

    @Test
    void the_holder_is_known_by_its_thread_its_time_its_statement_and_its_stack() throws Exception {
        Instant before = Instant.now();
        CountDownLatch seen = new CountDownLatch(1);
        CompletableFuture<Void> other = Elsewhere.run(() -> manager.useTransaction(lease -> {
            insert(lease, "a");
            seen.await();
        }));
        Awaitility.await().until(() -> manager.status() == TransactionStatus.IN_TRANSACTION);
        awaitIdle(SOME);

        Holder holder = holder();

        assertThat(holder.thread().getName()).isEqualTo("elsewhere");
        assertThat(holder.since()).isBetween(before.minusMillis(10), Instant.now());
        assertThat(holder.heldFor()).isGreaterThanOrEqualTo(holder.idleFor());
        assertThat(holder.statement())
                .hasValueSatisfying(text -> assertThat(text).startsWith("INSERT INTO example"));
        assertThat(holder.stack()).anyMatch(frame -> frame.getClassName().contains("HolderTest"));
        assertThat(holder.acquiredAt()).as("nobody asked for it").isEmpty();
        assertThat(holder.toString())
                .startsWith("Thread \"elsewhere\" has held the lease for ")
                .contains(" ms; idle in a transaction after: INSERT INTO example");
        seen.countDown();
        other.get();
    }

    @Test
    void a_holder_whose_call_is_under_way_is_not_idle_and_looking_does_not_wait_for_it() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection frozen = DB.closing(ManagedConnection.builder(proxy.source())
                .releaseTimeout(Duration.ofMillis(300))
                .build());
        Lease lease = frozen.acquire();
        query(lease, "SELECT 1");
        proxy.goDeaf();
        CompletableFuture<String> call = Elsewhere.call(() -> state(() -> query(lease, "SELECT 'lost'")));
        Awaitility.await()
                .until(() ->
                        frozen.holder().flatMap(Holder::statement).orElse("").equals("SELECT 'lost'"));
        assertThat(frozen.status()).isEqualTo(TransactionStatus.ACTIVE);
        assertThat(frozen.holder()).hasValueSatisfying(holder -> {
            assertThat(holder.idleFor()).isZero();
            assertThat(holder.statement()).hasValue("SELECT 'lost'");
            assertThat(holder.toString()).endsWith("; under way: SELECT 'lost'");
            assertThat(holder.thread()).as("who acquired it").isSameAs(Thread.currentThread());
        });
        lease.abort(Runnable::run);
        call.get();
    }

    @Test
    void a_holder_is_idle_since_its_last_statement_commit_or_rollback() throws SQLException {
        try (Lease lease = manager.acquire()) {
            assertThat(holder().statement()).isEmpty();
            assertIdleAnew(() -> insert(lease, "a"));
            assertIdleAnew(lease::commit);
            insert(lease, "b");
            assertIdleAnew(lease::rollback);
            assertIdleAnew(() -> state(() -> query(lease, "no such statement")));
            lease.rollback();
        }
    }

    private interface Call {
        void run() throws SQLException;
    }

    private void assertIdleAnew(Call call) throws SQLException {
        awaitIdle(SOME);
        long before = System.nanoTime();
        call.run();
        assertThat(holder().idleFor()).isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - before));
    }

    @Test
    void to_read_rows_that_are_there_already_is_no_sign_of_life_to_the_server() throws SQLException {
        try (Lease lease = manager.acquire();
                Statement statement = lease.createStatement();
                ResultSet rows = statement.executeQuery("SELECT generate_series(1, 10)")) {
            awaitIdle(SOME);
            rows.next();
            rows.getInt(1);
            assertThat(holder().idleFor()).isGreaterThanOrEqualTo(SOME);
            lease.rollback();
        }
    }

    @Test
    void a_holder_is_a_snapshot() throws SQLException {
        Holder holder;
        try (Lease lease = manager.acquire()) {
            query(lease, "SELECT 1");
            holder = holder();
            query(lease, "SELECT 2");
            lease.rollback();
        }
        Duration held = holder.heldFor();
        assertThat(holder.statement()).hasValue("SELECT 1");
        assertThat(holder.toString()).contains("idle in a transaction after: SELECT 1");
        assertThat(holder.heldFor()).isEqualTo(held);
        assertThat(holder.revoke("too late")).isFalse();
        assertThat(manager.stats().revoked()).isZero();
    }

    @Test
    void to_keep_a_snapshot_keeps_no_lost_lease_alive() throws Exception {
        forget();
        Holder holder = holder();
        CompletableFuture<String> waiter =
                Elsewhere.call(() -> manager.<String, RuntimeException>withConnection(lease -> lease.toString()));
        Awaitility.await().until(() -> {
            System.gc();
            return waiter.isDone();
        });
        waiter.get();
        assertThat(manager.stats().abandoned()).isEqualTo(1);
        assertThat(holder.thread()).isSameAs(Thread.currentThread());
    }

    private void forget() throws SQLException {
        insert(manager.acquire(), "a");
    }

    @Test
    void a_holders_statement_shows_no_password() throws SQLException {
        try (Lease lease = manager.acquire()) {
            Statement open = lease.createStatement(); // to close it would be the last call
            assertThat(state(() -> open.execute("ALTER ROLE nobody_at_all PASSWORD 'hunter2'")))
                    .isEqualTo("42704");
            assertThat(holder().statement()).hasValue("ALTER ROLE nobody_at_all PASSWORD ...");
            assertThat(holder().toString()).doesNotContain("hunter2");
            lease.rollback();
        }
    }

    @Test
    void while_the_session_is_still_being_opened_nobody_holds_the_lease() throws Exception {
        CountDownLatch opening = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);
        ManagedConnection slow = DB.closing(DB.builder()
                .onOpen(connection -> {
                    opening.countDown();
                    seen.await();
                })
                .build());
        CompletableFuture<Void> first = Elsewhere.run(() -> slow.acquire().close());
        opening.await();
        assertThat(slow.holder()).isEmpty();
        assertThat(slow.revoke("nobody has it")).isFalse();
        seen.countDown();
        first.get();
    }

    @Test
    void where_a_lease_was_acquired_is_known_from_the_first_one_on_if_asked_for() throws SQLException {
        ManagedConnection traced = DB.closing(DB.builder().traceLeases(true).build());
        traced.useConnection(lease -> assertThat(traced.holder().orElseThrow().acquiredAt())
                .first()
                .satisfies(frame -> {
                    assertThat(frame.getClassName()).isEqualTo(HolderTest.class.getName());
                    assertThat(frame.getMethodName()).startsWith("where_a_lease_was_acquired");
                }));
    }

    // --- those who wait -----------------------------------------------------------------------------------------

    @Test
    void who_waits_is_counted_and_the_first_ones_time_is_known() throws Exception {
        CompletableFuture<Void> first;
        CompletableFuture<Void> second;
        try (Lease lease = manager.acquire()) {
            first = Elsewhere.run(() -> manager.acquire().close());
            Awaitility.await().until(() -> manager.waiters().count() == 1);
            Awaitility.await().until(() -> manager.waiters().firstWait().compareTo(SOME) >= 0);
            second = Elsewhere.run(() -> manager.acquire().close());
            Awaitility.await().until(() -> manager.waiters().count() == 2);
            assertThat(manager.waiters().firstWait()).as("not the second's").isGreaterThanOrEqualTo(SOME);
        }
        first.get();
        second.get();
        assertThat(manager.waiters()).isEqualTo(new Waiters(0, Duration.ZERO));
    }

    // --- times --------------------------------------------------------------------------------------------------

    @Test
    void waiting_and_holding_are_timed() throws Exception {
        CompletableFuture<Void> waiting;
        Duration waited;
        Duration held;
        try (Lease lease = manager.acquire()) {
            execute(lease, "ROLLBACK");
            waiting = Elsewhere.run(() -> manager.acquire().close());
            Awaitility.await().until(() -> manager.waiters().firstWait().compareTo(SOME) >= 0);
            waited = manager.waiters().firstWait();
            held = holder().heldFor();
        }
        waiting.get();
        Stats stats = manager.stats();
        assertThat(stats.waits()).isEqualTo(1);
        assertThat(stats.totalWait()).isGreaterThanOrEqualTo(waited).isEqualTo(stats.longestWait());
        assertThat(stats.totalHold()).isGreaterThanOrEqualTo(held).isEqualTo(stats.longestHold());
        manager.useTransaction(lease -> query(lease, "SELECT 1"));
        assertThat(manager.stats().totalHold()).isGreaterThan(stats.totalHold());
        assertThat(manager.stats().longestHold()).isLessThan(manager.stats().totalHold());
    }

    @Test
    void a_wait_in_vain_is_timed_too() throws Exception {
        try (Lease lease = manager.acquire()) {
            assertThat(Elsewhere.call(() -> state(() -> manager.acquire(SOME))).get())
                    .isEqualTo("08001");
            Thread[] waiting = new Thread[1];
            CompletableFuture<String> interrupted = Elsewhere.call(() -> {
                waiting[0] = Thread.currentThread();
                return state(manager::acquire);
            });
            Awaitility.await().until(() -> manager.waiters().count() == 1);
            waiting[0].interrupt();
            interrupted.get();
        }
        assertThat(manager.stats().waits()).isEqualTo(2);
        assertThat(manager.stats().longestWait()).isGreaterThanOrEqualTo(SOME);
    }

    @Test
    void a_lease_that_makes_no_call_is_timed_only_if_leases_are_traced() throws SQLException {
        manager.acquire().close();
        assertThat(manager.stats().totalHold()).isZero();
        ManagedConnection traced = DB.closing(DB.builder().traceLeases(true).build());
        traced.acquire().close();
        assertThat(traced.stats().totalHold()).isPositive();
    }

    @Test
    void a_lease_that_is_taken_away_is_timed_once() throws SQLException {
        Lease lease = manager.acquire();
        query(lease, "SELECT 1");
        lease.commit();
        manager.revoke("test");
        Duration held = manager.stats().totalHold();
        assertThat(held).isPositive();
        lease.close();
        assertThat(manager.stats().totalHold()).isEqualTo(held);
    }
}
