package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A manager that is paused gives out no lease, and one that is drained has no session, until it is resumed. */
@Timeout(120)
class PauseTest {
    /** In which what is to come has come, on a busy machine, too; and less than any timeout of a manager here. */
    private static final Duration SOON = Duration.ofSeconds(60);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager =
            DB.closing(DB.builder().acquireTimeout(Duration.ofMinutes(10)).build());

    private CompletableFuture<Integer> waiter(int number) {
        CompletableFuture<Integer> waiter = Elsewhere.call(() -> pid(manager));
        Awaitility.await().until(() -> waiter.isDone() || manager.waiters().count() == number);
        return waiter;
    }

    // --- pause and resume ---------------------------------------------------------------------------------------

    @Test
    void nobody_gets_a_lease_until_the_manager_is_resumed() throws Exception {
        int before = pid(manager);
        assertThat(manager.isPaused()).isFalse();
        assertThat(manager.toString()).doesNotContain("paused");

        manager.pause();

        assertThat(manager.isPaused()).isTrue();
        assertThat(manager.toString()).endsWith(", idle, paused]");
        assertThat(manager.tryAcquire()).isEmpty();
        CompletableFuture<Integer> waiter = waiter(1);
        assertThat(waiter).isNotDone();
        assertThat(manager.stats().leases()).isEqualTo(1);

        manager.resume();

        assertThat(waiter).succeedsWithin(SOON).isEqualTo(before);
        assertThat(manager.isPaused()).isFalse();
        assertThat(manager.tryAcquire())
                .hasValueSatisfying(
                        lease -> assertThat(catchThrowable(lease::close)).isNull());
    }

    @Test
    void pauses_are_not_counted() throws SQLException {
        manager.resume();
        manager.pause();
        manager.pause();
        manager.resume();
        manager.acquire().close();
    }

    @Test
    void the_holder_goes_on_and_a_second_lease_is_refused_in_its_thread_as_ever() throws Exception {
        try (Lease lease = manager.acquire()) {
            manager.pause();
            insert(lease, "a");
            lease.commit();
            assertThatThrownBy(manager::acquire).isInstanceOf(ReentrantAcquireException.class);
            assertThatThrownBy(manager::tryAcquire).isInstanceOf(ReentrantAcquireException.class);
            assertThat(manager.holder()).isPresent();
        }
        assertThat(DB.rows()).isEqualTo(1);
        CompletableFuture<Integer> waiter = waiter(1);
        assertThat(waiter).isNotDone();
        manager.resume();
        assertThat(waiter).succeedsWithin(SOON);
    }

    @Test
    void who_waited_before_the_pause_waits_on_and_they_go_on_in_their_order() throws Exception {
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Boolean>> waiters = new ArrayList<>();
        Lease lease = manager.acquire();
        for (int i = 1; i <= 4; i++) {
            int number = i;
            if (number == 3) {
                manager.pause();
            }
            CompletableFuture<Boolean> waiter = new CompletableFuture<>();
            waiters.add(waiter);
            Thread thread = Elsewhere.start(
                    Thread::new,
                    waiter,
                    () -> manager.<Boolean, RuntimeException>withConnection(next -> order.add(number)));
            // It counts a moment before it has its place in the queue, in which it then sleeps.
            Awaitility.await()
                    .until(() ->
                            manager.waiters().count() == number && thread.getState() == Thread.State.TIMED_WAITING);
        }
        lease.close();
        assertThat(manager.tryAcquire()).isEmpty();
        assertThat(manager.waiters().count()).isEqualTo(4);
        manager.resume();
        for (CompletableFuture<Boolean> waiter : waiters) {
            assertThat(waiter).succeedsWithin(SOON);
        }
        assertThat(order).containsExactly(1, 2, 3, 4);
    }

    @Test
    void who_waits_in_vain_learns_since_when_the_manager_is_paused() throws Exception {
        Lease lease = manager.acquire();
        manager.pause();
        for (Duration timeout : List.of(Duration.ZERO, Duration.ofMillis(30))) {
            assertThat(Elsewhere.call(() -> catchThrowable(() -> manager.acquire(timeout)))
                            .get())
                    .isInstanceOf(AcquireTimeoutException.class)
                    .hasMessageMatching("No lease of .* within " + timeout.toMillis() + " ms; nothing was changed\\. It"
                            + " has been paused for \\d+ ms, since 20\\d\\d-\\d\\d-\\d\\dT[\\d:.]+Z; thread \""
                            + Thread.currentThread().getName() + "\" got its lease before, and still holds it; no other"
                            + " thread waits\\. Call resume\\(\\) when .* is done, or raise acquireTimeout\\.")
                    .asInstanceOf(InstanceOfAssertFactories.type(AcquireTimeoutException.class))
                    .satisfies(e -> {
                        assertThat(e.holder()).isEqualTo(Thread.currentThread().getName());
                        assertThat(e.heldFor()).isPositive();
                    });
        }
        lease.close();
        assertThatThrownBy(() -> manager.acquire(Duration.ZERO))
                .isInstanceOf(AcquireTimeoutException.class)
                .hasMessageContaining("It has been paused for ")
                .hasMessageNotContaining("still holds it");
    }

    @Test
    void who_may_not_wait_learns_that_the_manager_is_paused() {
        ManagedConnection impatient = DB.closing(DB.builder().maxWaiting(0).build());
        impatient.pause();
        assertThatThrownBy(impatient::acquire)
                .isInstanceOf(AcquireRejectedException.class)
                .hasMessageContaining("which has been paused for ");
    }

    // --- drain --------------------------------------------------------------------------------------------------

    @Test
    void draining_waits_for_the_holder_and_closes_the_session() throws Exception {
        Lease lease = manager.acquire();
        int before = pid(lease);
        insert(lease, "a");
        CompletableFuture<Boolean> drain = Elsewhere.call(() -> manager.drain(SOON));
        Awaitility.await().until(manager::isPaused);
        assertThat(drain).isNotDone();
        lease.commit();
        lease.close();

        assertThat(drain).succeedsWithin(SOON).isEqualTo(true);
        assertThat(manager.isOpen()).isFalse();
        assertThat(manager.isPaused()).isTrue();
        assertThat(manager.toString()).endsWith(", closed, paused]");
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(manager.drain(Duration.ZERO)).as("once more").isTrue();

        manager.resume();
        assertThat(pid(manager)).isNotEqualTo(before);
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(manager.stats().closed()).isEqualTo(1);
    }

    @Test
    void draining_cuts_no_holder() throws Exception {
        Lease lease = manager.acquire();
        insert(lease, "a");
        for (Duration timeout : List.of(Duration.ZERO, Duration.ofMillis(30))) {
            assertThat(Elsewhere.callToTheEnd(() -> manager.drain(timeout))).isFalse();
        }
        assertThat(manager.isPaused()).isTrue();
        lease.commit();
        lease.close();
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(manager.isOpen()).isTrue();
        assertThat(manager.drain(Duration.ZERO)).isTrue();
        assertThat(manager.isOpen()).isFalse();
    }

    @Test
    void draining_waits_for_a_session_that_is_being_opened_and_its_lease() throws Exception {
        CountDownLatch opening = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(1);
        ManagedConnection slow = DB.closing(DB.builder()
                .onOpen(connection -> {
                    opening.countDown();
                    open.await();
                })
                .build());
        CompletableFuture<Integer> acquirer = Elsewhere.call(() -> pid(slow));
        opening.await();
        CompletableFuture<Boolean> drain = Elsewhere.call(() -> slow.drain(SOON));
        Awaitility.await().until(slow::isPaused);
        assertThat(drain).isNotDone();
        open.countDown();
        assertThat(acquirer).succeedsWithin(SOON);
        assertThat(drain).succeedsWithin(SOON).isEqualTo(true);
        Awaitility.await().until(() -> DB.sessions() == 0);
    }

    @Test
    void a_thread_that_would_wait_for_itself_is_told_at_once() throws Exception {
        try (Lease lease = manager.acquire()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> manager.drain(Duration.ofMinutes(10)))
                    .withMessageContaining("This thread has the lease")
                    .withMessageContaining("nothing was changed")
                    .withMessageContaining("Release the lease first");
            assertThat(manager.isPaused()).isFalse();
            lease.commit();
        }
        ManagedConnection[] hooked = new ManagedConnection[1];
        hooked[0] = DB.closing(DB.builder()
                .onOpen(connection -> hooked[0].drain(Duration.ofMinutes(10)))
                .build());
        assertThatThrownBy(hooked[0]::acquire).hasMessageContaining("to drain it would wait for itself");
        assertThatIllegalArgumentException().isThrownBy(() -> manager.drain(Duration.ofMillis(-1)));
    }

    @Test
    void draining_takes_back_a_lease_that_nobody_will_release() throws Exception {
        ManagedConnection careless =
                DB.closing(DB.builder().releaseTimeout(Duration.ofMillis(100)).build());
        Lease lost = Elsewhere.callToTheEnd(careless::acquire);
        assertThat(careless.drain(SOON)).isTrue();
        assertThat(careless.stats().abandoned()).isEqualTo(1);
        assertThat(state(lost::createStatement)).isEqualTo("08003");
    }

    @Test
    void draining_ends_when_the_thread_is_interrupted() throws Exception {
        Lease lease = manager.acquire();
        assertThat(Elsewhere.callToTheEnd(() -> {
                    Thread.currentThread().interrupt();
                    return !manager.drain(Duration.ofMinutes(10))
                            && Thread.currentThread().isInterrupted();
                }))
                .isTrue();
        lease.close();
        assertThat(manager.isOpen()).isTrue();
    }

    @Test
    void a_manager_that_is_resumed_meanwhile_is_not_drained() throws Exception {
        Lease lease = manager.acquire();
        int before = pid(lease);
        CompletableFuture<Boolean> drain = Elsewhere.call(() -> manager.drain(SOON));
        Awaitility.await().until(manager::isPaused);
        manager.resume();
        lease.close();
        assertThat(drain).succeedsWithin(SOON).isEqualTo(false);
        assertThat(pid(manager)).isEqualTo(before);
    }

    @Test
    void a_lost_lease_is_not_waited_for() throws Exception {
        lose();
        Awaitility.await().until(() -> {
            System.gc();
            return Elsewhere.call(() -> manager.drain(Duration.ZERO)).get();
        });
        assertThat(manager.stats().abandoned()).isEqualTo(1);
    }

    private void lose() throws SQLException {
        insert(manager.acquire(), "a");
    }

    // --- the rest of a manager, paused --------------------------------------------------------------------------

    @Test
    void a_paused_manager_can_be_closed_and_who_waits_fails_at_once() throws Exception {
        pid(manager);
        manager.pause();
        CompletableFuture<String> waiter = Elsewhere.call(() -> state(manager::acquire));
        Awaitility.await().until(() -> manager.waiters().count() == 1);

        manager.close();

        assertThat(waiter).succeedsWithin(SOON).isEqualTo("08003");
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(manager.isPaused()).isFalse();
        manager.pause();
        assertThat(manager.isPaused()).as("of a closed one").isFalse();
        assertThat(manager.drain(Duration.ofMinutes(10))).isTrue();
        assertThat(state(manager::acquire)).isEqualTo("08003");
    }

    @Test
    void a_paused_manager_can_be_reset() throws Exception {
        int before = pid(manager);
        manager.pause();
        manager.reset();
        assertThat(manager.isOpen()).isFalse();
        assertThat(manager.isPaused()).isTrue();
        Awaitility.await().until(() -> DB.sessions() == 0);
        manager.resume();
        try (Lease lease = manager.acquire()) {
            assertThat(pid(lease)).isNotEqualTo(before);
            manager.pause();
            manager.reset();
            assertThat(manager.isOpen()).isTrue();
        }
        assertThat(manager.isOpen()).isFalse();
    }

    @Test
    void a_lease_can_be_revoked_in_a_pause_and_the_next_one_waits() throws Exception {
        Lease lease = manager.acquire();
        insert(lease, "never");
        manager.pause();
        CompletableFuture<Integer> waiter = waiter(1);
        assertThat(manager.revoke("a failover")).isTrue();
        assertThat(state(lease::commit)).isEqualTo("08003");
        assertThat(waiter).isNotDone();
        assertThat(manager.drain(SOON)).isTrue();
        manager.resume();
        assertThat(waiter).succeedsWithin(SOON);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void an_idle_timeout_ends_the_session_of_a_paused_manager() throws Exception {
        ManagedConnection idle =
                DB.closing(DB.builder().idleTimeout(Duration.ofMillis(300)).build());
        pid(idle);
        idle.pause();
        Awaitility.await().until(() -> !idle.isOpen());
        assertThat(idle.isPaused()).isTrue();
    }

    @Test
    void subscriptions_hear_on_in_a_pause_are_lost_with_the_session_and_ready_after_it() throws Exception {
        Heard heard = new Heard();
        manager.listen("jobs", heard);
        manager.pause();
        DB.query("SELECT pg_notify('jobs', '1')");
        heard.awaitLines("ready FIRST", "jobs: 1");

        assertThat(manager.drain(SOON)).isTrue();

        heard.awaitLines("ready FIRST", "jobs: 1", "lost");
        assertThat((Throwable) heard.losses().get(0)).hasMessageContaining("drain() was called");
        Awaitility.await().until(() -> DB.sessions() == 0);
        Awaitility.await("none is opened")
                .during(Duration.ofMillis(500))
                .until(() -> DB.sessions() == 0 && manager.stats().opened() == 1);

        manager.resume();
        heard.awaitLines("ready FIRST", "jobs: 1", "lost", "ready REOPENED");
        DB.query("SELECT pg_notify('jobs', '2')");
        heard.awaitLast("jobs: 2");
    }
}
