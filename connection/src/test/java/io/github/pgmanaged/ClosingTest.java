package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.pid;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A manager that is closed, or reset, while other threads are still at it. */
@Timeout(60)
class ClosingTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    /** A data source has so long to take its connection back, and reset() waits so long for a turn without a lease. */
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final List<String> order = new CopyOnWriteArrayList<>();

    private CompletableFuture<Void> close(ManagedConnection manager) {
        return Elsewhere.run(() -> {
            manager.close();
            order.add("manager");
        });
    }

    /** Until another thread waits in a method of ours, or the manager is closed. */
    private void awaitWaitingIn(String className, String method) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> Elsewhere.isIn("io.github.pgmanaged.internal." + className, method) || !order.isEmpty());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // --- sessions -----------------------------------------------------------------------------------------------

    /** As a pool's: it learns by this that its connection is back. */
    private static Connection withClose(Connection connection, Runnable beforeClose) {
        return (Connection) Proxy.newProxyInstance(
                ClosingTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    if (method.getName().equals("close")) {
                        beforeClose.run();
                    }
                    try {
                        return method.invoke(connection, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void close_waits_for_another_thread_that_gives_the_session_back() throws Exception {
        AtomicLong releasedAt = new AtomicLong();
        AtomicLong backAt = new AtomicLong();
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(
                        () -> withClose(DB.source().getConnection(), () -> {
                            begun.countDown();
                            awaitWaitingIn("lease.Leasing", "awaitLeaving");
                            order.add("session");
                            backAt.set(System.nanoTime());
                        })))
                .build());
        CompletableFuture<Void> holder = Elsewhere.run(() -> {
            try (Lease lease = manager.acquire()) {
                lease.closeOnRelease();
                releasedAt.set(System.nanoTime());
            }
        });
        begun.await();
        assertThat(close(manager)).succeedsWithin(SOON);
        assertThat(holder).succeedsWithin(SOON);
        Awaitility.await().until(() -> backAt.get() != 0);
        if (backAt.get() - releasedAt.get() < A_SECOND.toNanos()) { // else the machine stood still meanwhile
            assertThat(order).containsExactly("session", "manager");
        }
    }

    /** A manager with an attempt under way that nobody waits for, and that cannot be broken off. */
    private ManagedConnection stuckInTheHook() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder()
                .onOpen(lease -> {
                    begun.countDown();
                    awaitQuietly(goOn);
                })
                .build());
        ManagedDatabase.giveUpOpening(manager, begun);
        return manager;
    }

    @Test
    void a_drain_of_a_closed_manager_waits_until_there_is_no_connection() throws Exception {
        ManagedConnection manager = stuckInTheHook();
        manager.close();
        assertThat(manager.drain(Duration.ZERO)).isFalse();
        CompletableFuture<Boolean> drain = Elsewhere.call(() -> manager.drain(SOON));
        Awaitility.await()
                .until(() ->
                        Elsewhere.isIn("io.github.pgmanaged.internal.lease.Pausing", "awaitVacancy") || drain.isDone());
        assertThat(drain).isNotDone();
        goOn.countDown();
        assertThat(drain).succeedsWithin(SOON).isEqualTo(true);
    }

    @Test
    void a_drain_goes_on_waiting_though_the_manager_is_closed_meanwhile() throws Exception {
        ManagedConnection manager = stuckInTheHook();
        CompletableFuture<Boolean> drain = Elsewhere.call(() -> manager.drain(SOON));
        Awaitility.await().until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.lease.Pausing", "awaitVacancy"));
        manager.close();
        Awaitility.await("it waits").during(Duration.ofMillis(100)).until(() -> !drain.isDone());
        goOn.countDown();
        assertThat(drain).succeedsWithin(SOON).isEqualTo(true);
    }

    @Test
    void nobody_gets_the_session_of_a_closed_manager_ready() throws SQLException {
        ManagedConnection manager = DB.manager();
        pid(manager);
        manager.close();
        assertThat(manager.opening()).isEmpty();
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void reset_waits_for_a_turn_in_which_no_lease_begins() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder()
                .onOpen(lease -> {
                    begun.countDown();
                    awaitQuietly(goOn);
                })
                .build());
        CompletableFuture<Subscription> subscribing = Elsewhere.call(() -> manager.listen("jobs", new Heard()));
        begun.await();
        AtomicLong waited = new AtomicLong();
        CompletableFuture<Long> closed = Elsewhere.call(() -> {
            long asked = System.nanoTime();
            manager.reset();
            long sessions = manager.stats().closed();
            waited.set(System.nanoTime() - asked);
            return sessions;
        });
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.lease.HoldingSlot", "resetAfterBriefTurns")
                        || closed.isDone());
        goOn.countDown();
        assertThat(closed).succeedsWithin(SOON);
        if (waited.get() < A_SECOND.toNanos()) { // else the machine stood still meanwhile
            assertThat(closed).isCompletedWithValue(1L);
        }
        assertThat(subscribing).succeedsWithin(SOON);
        Awaitility.await().until(() -> manager.stats().closed() == 1);
    }

    // --- listeners ----------------------------------------------------------------------------------------------

    @Test
    void close_waits_for_a_listener_that_has_closed_its_own_subscription() throws Exception {
        ManagedConnection manager = DB.manager();
        CompletableFuture<Subscription> own = new CompletableFuture<>();
        own.complete(manager.listen("jobs", notification -> {
            own.join().close();
            begun.countDown();
            awaitWaitingIn("listen.ListenerQueue", "awaitRest");
            order.add("listener");
        }));
        DB.query("SELECT pg_notify('jobs', '')");
        begun.await();
        assertThat(close(manager)).succeedsWithin(SOON);
        assertThat(order).startsWith("listener");
    }

    @Test
    void close_waits_for_no_listener_that_has_returned() throws Exception {
        ManagedConnection manager = DB.manager();
        Heard heard = new Heard();
        Subscription one = manager.listen("jobs", heard);
        heard.awaitLines("ready FIRST");
        one.close();
        assertThat(close(manager)).succeedsWithin(SOON);
        assertThat(order).containsExactly("manager");
    }
}
