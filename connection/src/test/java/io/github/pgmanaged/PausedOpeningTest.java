package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.internal.EventSource;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pause that finds an opening under way, as in a failover: no further attempt is begun, and none is in vain. */
@Timeout(120)
class PausedOpeningTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final AtomicInteger attempts = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch late = new CountDownLatch(1);
    private volatile boolean away;
    private volatile boolean slow;

    private ManagedConnection manager(Duration acquireTimeout) {
        return DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    attempts.incrementAndGet();
                    if (away) {
                        throw new SQLException("connection refused", "08001");
                    }
                    if (slow) {
                        begun.countDown();
                        awaitLate();
                    }
                    return DB.source().getConnection();
                }))
                .acquireTimeout(acquireTimeout)
                .build());
    }

    private void awaitLate() {
        try {
            late.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_thread_that_waits_for_the_server_waits_for_the_end_of_the_pause_instead() throws Exception {
        ManagedConnection manager = manager(Duration.ofMinutes(10));
        pid(manager);
        manager.reset();
        away = true;
        attempts.set(0);
        CompletableFuture<Integer> acquirer = Elsewhere.call(() -> pid(manager));
        Awaitility.await().until(() -> attempts.get() > 1);

        assertThat(manager.drain(SOON)).isTrue();

        away = false;
        int before = attempts.get();
        Awaitility.await("no attempt is begun")
                .during(Duration.ofMillis(1500))
                .until(() -> attempts.get() == before && manager.stats().opened() == 1);
        Awaitility.await().until(() -> manager.waiters().count() == 1);
        assertThat(acquirer).isNotDone();
        manager.resume();
        assertThat(acquirer).succeedsWithin(SOON);
        assertThat(manager.stats().opened()).isEqualTo(2);
    }

    @Test
    void an_acquisition_that_waits_anew_for_the_end_of_a_pause_has_waited_once() throws Exception {
        ManagedConnection manager = manager(Duration.ofMinutes(10));
        List<String> told = new CopyOnWriteArrayList<>();
        manager.asDataSource().unwrap(EventSource.class).addListener(new Events() {
            @Override
            public void waiting() {
                told.add("waiting");
            }

            @Override
            public void waited(long nanos, boolean inVain) {
                told.add("waited");
            }

            @Override
            public void leased(long begun) {
                told.add("leased");
            }
        });
        CountDownLatch held = new CountDownLatch(1);
        CompletableFuture<Void> holder = Elsewhere.run(() -> {
            try (Lease lease = manager.acquire()) {
                lease.closeOnRelease();
                held.countDown();
                Awaitility.await().until(() -> manager.waiters().count() == 1);
                away = true;
            }
        });
        held.await();
        attempts.set(0);
        CompletableFuture<Integer> acquirer = Elsewhere.call(() -> pid(manager));
        holder.get();
        Awaitility.await().until(() -> attempts.get() > 1);
        assertThat(manager.stats().waits()).isEqualTo(1);
        Duration before = manager.stats().totalWait();
        manager.pause();
        Awaitility.await().until(() -> manager.waiters().count() == 1);
        Awaitility.await().during(Duration.ofMillis(50)).until(() -> !acquirer.isDone());
        away = false;
        manager.resume();
        assertThat(acquirer).succeedsWithin(SOON);

        assertThat(manager.stats().waits()).isEqualTo(1);
        assertThat(manager.stats().totalWait()).isGreaterThan(before.plusMillis(50));
        assertThat(manager.stats().longestWait()).isGreaterThan(before.plusMillis(50));
        assertThat(told).containsExactly("leased", "waiting", "waited", "leased");
    }

    @Test
    void one_that_had_its_turn_at_once_begins_to_wait_with_the_pause() throws Exception {
        ManagedConnection manager = manager(Duration.ofMinutes(10));
        pid(manager);
        manager.reset();
        away = true;
        attempts.set(0);
        CompletableFuture<String> acquirer = Elsewhere.call(() -> ManagedDatabase.state(manager::acquire));
        Awaitility.await().until(() -> attempts.get() > 1);
        assertThat(manager.stats().waits()).isZero();
        manager.pause();
        Awaitility.await().until(() -> manager.waiters().count() == 1);
        manager.close();
        assertThat(acquirer).succeedsWithin(SOON).isEqualTo("08003");
        assertThat(manager.stats().waits()).isEqualTo(1);
    }

    @Test
    void a_paused_manager_with_such_a_thread_can_be_closed() throws Exception {
        ManagedConnection manager = manager(Duration.ofMinutes(10));
        pid(manager);
        manager.reset();
        away = true;
        attempts.set(0);
        CompletableFuture<String> acquirer = Elsewhere.call(() -> ManagedDatabase.state(manager::acquire));
        Awaitility.await().until(() -> attempts.get() > 1);
        manager.pause();
        Awaitility.await()
                .until(() -> manager.opening().isEmpty()
                        || manager.opening().get().thread().isEmpty());
        manager.close();
        assertThat(acquirer).succeedsWithin(SOON).isEqualTo("08003");
    }

    @Test
    void a_session_that_nobody_waits_for_does_not_come_in_a_pause() throws Exception {
        ManagedConnection manager = manager(SOON);
        slow = true;
        ManagedDatabase.giveUpOpening(manager, begun);
        manager.pause();
        late.countDown();
        Awaitility.await("none is placed")
                .during(Duration.ofMillis(500))
                .until(() -> !manager.isOpen() && manager.stats().opened() == 0);
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(manager.drain(SOON)).isTrue();
        manager.resume();
        manager.open(SOON);
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void nothing_is_drained_while_an_attempt_may_still_connect() throws Exception {
        ManagedConnection manager = manager(SOON);
        slow = true;
        ManagedDatabase.giveUpOpening(manager, begun);
        assertThat(manager.drain(Duration.ofMillis(30))).isFalse();
        CompletableFuture<Boolean> drain = Elsewhere.call(() -> manager.drain(SOON));
        late.countDown();
        assertThat(drain).succeedsWithin(SOON).isEqualTo(true);
        assertThat(manager.stats().opened()).isZero();
        Awaitility.await().until(() -> DB.sessions() == 0);
    }

    /** The holder's own thread closes the session, after the lease: it is the one that says so. */
    @Test
    void it_is_drained_when_the_session_is_closed_be_it_by_another_thread() throws Exception {
        AtomicReference<Connection> last = new AtomicReference<>();
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    last.set(DB.source().getConnection());
                    return last.get();
                }))
                .build());
        for (int i = 0; i < 20; i++) {
            CountDownLatch held = new CountDownLatch(1);
            CompletableFuture<Boolean> holder = Elsewhere.call(() -> {
                try (Lease lease = manager.acquire()) {
                    lease.closeOnRelease();
                    held.countDown();
                    Awaitility.await().until(manager::isPaused);
                }
                return true;
            });
            held.await();
            assertThat(manager.drain(SOON)).isTrue();
            assertThat(last.get().isClosed()).as("closed, at drain %s", i).isTrue();
            holder.get();
            manager.resume();
        }
    }

    /** Other threads want the processors, so that the one that opened is now and then behind the one that asked. */
    private static void besideOthers(Elsewhere.Run work) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<CompletableFuture<Void>> others = new ArrayList<>();
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            others.add(Elsewhere.run(() -> {
                while (!over.get()) {
                    Thread.onSpinWait();
                }
            }));
        }
        try {
            work.run();
        } finally {
            over.set(true);
        }
        for (CompletableFuture<Void> other : others) {
            other.get();
        }
    }

    @Test
    void a_drain_that_does_not_wait_is_true_as_soon_as_the_lease_of_a_new_session_is_over() throws Exception {
        ManagedConnection manager = manager(SOON);
        besideOthers(() -> {
            long until = System.nanoTime() + Duration.ofMillis(1500).toNanos();
            for (int i = 0; System.nanoTime() < until; i++) {
                manager.acquire().close();
                assertThat(manager.drain(Duration.ZERO)).as("drain %s", i).isTrue();
                assertThat(manager.isOpen()).isFalse();
                manager.resume();
            }
        });
    }

    @Test
    void a_drain_that_does_not_wait_is_true_as_soon_as_an_opening_has_failed() throws Exception {
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    throw new SQLException("no such user", "28000");
                }))
                .build());
        besideOthers(() -> {
            long until = System.nanoTime() + Duration.ofMillis(500).toNanos();
            for (int i = 0; System.nanoTime() < until; i++) {
                assertThatThrownBy(manager::acquire).hasMessageContaining("no such user");
                assertThat(manager.drain(Duration.ZERO)).as("drain %s", i).isTrue();
                manager.resume();
            }
        });
    }
}
