package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One lease at a time, in a fair order, and no turn is lost. */
@Timeout(120)
class ExclusionTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    // --- exclusion ----------------------------------------------------------------------------------------------

    @Test
    void two_hundred_threads_never_interleave_on_the_server() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(200);
        try {
            neverInterleave(threads, 200, 20);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void ten_thousand_virtual_threads_never_interleave_on_the_server() throws Exception {
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        try {
            neverInterleave(threads, 10_000, 1);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void neverInterleave(ExecutorService threads, int holders, int leasesEach) throws Exception {
        DB.update("DROP TABLE IF EXISTS journal");
        DB.update("CREATE TABLE journal (seq bigserial, turn bigint, pid int DEFAULT pg_backend_pid())");
        ManagedConnection manager =
                DB.closing(DB.builder().acquireTimeout(Duration.ofMinutes(2)).build());
        AtomicLong turns = new AtomicLong();
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < holders; i++) {
            all.add(threads.submit(() -> {
                for (int j = 0; j < leasesEach; j++) {
                    long turn = turns.incrementAndGet();
                    manager.useConnection(lease -> {
                        execute(lease, "INSERT INTO journal (turn) VALUES (" + turn + ")");
                        execute(lease, "INSERT INTO journal (turn) VALUES (" + turn + ")");
                        lease.commit();
                        execute(lease, "INSERT INTO journal (turn) VALUES (" + turn + ")");
                        lease.commit();
                    });
                }
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        long leases = (long) holders * leasesEach;
        assertThat(DB.query("SELECT count(*) FROM journal")).isEqualTo("" + leases * 3);
        assertThat(DB.query("SELECT count(*) FROM (SELECT max(seq) - min(seq) AS span FROM journal GROUP BY turn) s"
                        + " WHERE span <> 2"))
                .as("turns that somebody else's statement came between")
                .isEqualTo("0");
        assertThat(DB.query("SELECT count(DISTINCT pid) FROM journal")).isEqualTo("1");
        assertThat(manager.stats().leases()).isEqualTo(leases);
        assertThat(manager.stats().waiting()).isZero();
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    // --- waiting ------------------------------------------------------------------------------------------------

    @Test
    void a_second_thread_waits_until_the_lease_is_released() throws Exception {
        ManagedConnection manager = DB.manager();
        Lease first = manager.acquire();
        CompletableFuture<Boolean> second = Elsewhere.call(() -> {
            try (Lease lease = manager.acquire()) {
                return first.isClosed();
            }
        });
        awaitWaiting(manager, 1);
        first.close();
        assertThat(second.get()).as("the first was closed when the second came").isTrue();
    }

    @Test
    void waiting_ends_with_a_timeout_that_names_the_holder_and_where_it_is() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder()
                .acquireTimeout(Duration.ofMillis(50))
                .validateAfterIdle(Duration.ofDays(1)) // for which that would be too short
                .build());
        manager.open(Duration.ofSeconds(30));
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Thread holder = new Thread(
                () -> unchecked(() -> manager.<Boolean, InterruptedException>withConnection(lease -> {
                    held.countDown();
                    return release.await(1, TimeUnit.MINUTES);
                })),
                "the-holder");
        holder.start();
        held.await();
        Awaitility.await().until(() -> holder.getState() == Thread.State.TIMED_WAITING);

        AcquireTimeoutException told = catchThrowableOfType(AcquireTimeoutException.class, manager::acquire);

        assertThat((Throwable) told)
                .hasMessageContaining("within 50 ms")
                .hasMessageContaining("\"the-holder\"")
                .hasMessageContaining("acquireTimeout");
        assertThat(told.holder()).isEqualTo("the-holder");
        assertThat(told.timeout()).isEqualTo(Duration.ofMillis(50));
        assertThat(told.heldFor()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
        assertThat(told.holderStack()).anyMatch(frame -> frame.getMethodName().equals("await"));
        assertThat(told.getSQLState()).isEqualTo("08001");
        assertThat(manager.stats().timeouts()).isEqualTo(1);
        assertThatThrownBy(() -> manager.acquire(Duration.ZERO)).isInstanceOf(AcquireTimeoutException.class);
        assertThat(manager.tryAcquire()).isEmpty();
        release.countDown();
        holder.join();
        try (Lease lease = manager.tryAcquire().orElseThrow()) {
            assertThat(query(lease, "SELECT 1")).isEqualTo("1");
            lease.commit();
        }
    }

    @Test
    void an_interrupt_ends_the_waiting_and_the_flag_is_kept() throws Exception {
        ManagedConnection manager = DB.manager();
        try (Lease held = manager.acquire()) {
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Thread waiter = new Thread(() -> {
                Throwable told = catchThrowable(manager::acquire);
                flag.complete(told instanceof AcquireInterruptedException
                        && Thread.currentThread().isInterrupted());
            });
            waiter.start();
            awaitWaiting(manager, 1);
            waiter.interrupt();
            assertThat(flag.get()).isTrue();
            assertThat(manager.stats().interrupts()).isEqualTo(1);
            assertThat(manager.stats().waiting()).isZero();
        }
        manager.acquire().close();
    }

    @Test
    void more_than_max_waiting_threads_are_turned_away_at_once() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder().maxWaiting(1).build());
        Lease held = manager.acquire();
        CompletableFuture<Void> waiter = Elsewhere.run(() -> manager.acquire().close());
        awaitWaiting(manager, 1);

        Throwable told = Elsewhere.call(() -> catchThrowable(manager::acquire)).get();

        assertThat(told).isInstanceOf(AcquireRejectedException.class).hasMessageContaining("maxWaiting(1)");
        assertThat(manager.stats().rejections()).isEqualTo(1);
        held.close();
        waiter.get();
    }

    @Test
    void the_holder_asking_again_is_told_at_once() throws SQLException {
        ManagedConnection manager = DB.manager();
        try (Lease lease = manager.acquire()) {
            assertThatThrownBy(manager::acquire).isInstanceOf(ReentrantAcquireException.class);
            assertThatThrownBy(() -> manager.acquire(Duration.ofDays(1))).isInstanceOf(ReentrantAcquireException.class);
            assertThatThrownBy(manager::tryAcquire).isInstanceOf(ReentrantAcquireException.class);
            assertThatThrownBy(() -> manager.asDataSource().getConnection())
                    .isInstanceOf(ReentrantAcquireException.class);
            assertThat(query(lease, "SELECT 1")).isEqualTo("1");
            lease.commit();
        }
    }

    @Test
    void closing_tells_all_who_wait_at_once() throws Exception {
        ManagedConnection manager = DB.builder()
                .acquireTimeout(Duration.ofDays(1))
                .releaseTimeout(Duration.ofDays(1))
                .build();
        Lease held = manager.acquire();
        List<CompletableFuture<String>> waiters = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            waiters.add(Elsewhere.call(() -> state(manager::acquire)));
        }
        awaitWaiting(manager, 50);
        CompletableFuture<Void> closing = Elsewhere.run(manager::close);
        for (CompletableFuture<String> waiter : waiters) {
            assertThat(waiter.get(30, TimeUnit.SECONDS)).isEqualTo("08003");
        }
        assertThat(closing).as("still waits for the holder").isNotDone();
        held.close();
        closing.get();
        assertThat(manager.isOpen()).isFalse();
        assertThat(state(manager::tryAcquire)).isEqualTo("08003");
    }

    // --- nothing is lost ----------------------------------------------------------------------------------------

    @Test
    void timeouts_interrupts_and_refusals_by_the_thousand_lose_no_turn() throws Exception {
        long seed = Long.getLong("pgmanaged.seed", System.nanoTime());
        ManagedConnection manager = DB.closing(DB.builder().maxWaiting(3).build());
        AtomicInteger inside = new AtomicInteger();
        AtomicLong leases = new AtomicLong();
        AtomicLong timeouts = new AtomicLong();
        AtomicLong interrupts = new AtomicLong();
        AtomicLong rejections = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        List<Throwable> wrong = new java.util.concurrent.CopyOnWriteArrayList<>();
        CountDownLatch done = new CountDownLatch(8);
        for (int i = 0; i < 8; i++) {
            Random random = new Random(seed + i);
            threads.add(new Thread(() -> {
                try {
                    for (int turn = 0; turn < 1500 || !allSeen(manager.stats()); turn++) {
                        try (Lease lease = one(manager, random)) {
                            if (lease == null) {
                                continue; // tryAcquire found it taken
                            }
                            leases.incrementAndGet();
                            assertThat(inside.incrementAndGet()).as("holders").isEqualTo(1);
                            if (random.nextInt(10) == 0) {
                                LockSupport.parkNanos(random.nextInt(200_000));
                            }
                            inside.decrementAndGet();
                        } catch (AcquireTimeoutException e) {
                            timeouts.incrementAndGet();
                        } catch (AcquireInterruptedException e) {
                            assertThat(Thread.interrupted()).isTrue();
                            interrupts.incrementAndGet();
                        } catch (AcquireRejectedException e) {
                            rejections.incrementAndGet();
                        }
                    }
                } catch (Throwable t) {
                    wrong.add(t);
                } finally {
                    done.countDown();
                }
            }));
        }
        threads.forEach(Thread::start);
        Random random = new Random(seed);
        while (!done.await(100, TimeUnit.MICROSECONDS)) {
            threads.get(random.nextInt(threads.size())).interrupt();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(wrong).as("seed " + seed).isEmpty();
        Stats stats = manager.stats();
        assertThat(stats.leases()).isEqualTo(leases.get());
        assertThat(stats.timeouts()).isEqualTo(timeouts.get());
        assertThat(stats.interrupts()).isEqualTo(interrupts.get());
        assertThat(stats.rejections()).isEqualTo(rejections.get());
        assertThat(stats.waiting()).isZero();
        assertThat(stats.opened()).isEqualTo(1);
        manager.useTransaction(lease -> assertThat(query(lease, "SELECT 1")).isEqualTo("1"));
    }

    /** Whether there was at least one of each event; which come how often is up to the scheduler. */
    private static boolean allSeen(Stats stats) {
        return stats.timeouts() > 0 && stats.interrupts() > 0 && stats.rejections() > 0;
    }

    private static Lease one(ManagedConnection manager, Random random) throws SQLException {
        return switch (random.nextInt(3)) {
            case 0 -> manager.tryAcquire().orElse(null);
            case 1 -> manager.acquire(Duration.ofNanos(random.nextInt(300_000)));
            default -> manager.acquire();
        };
    }

    @Test
    void managers_closed_in_the_middle_of_the_rush_leave_no_session_and_nobody_waiting() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        for (int round = 0; round < 50; round++) {
            ManagedConnection manager = ManagedConnection.of(DB.conninfo());
            CountDownLatch working = new CountDownLatch(4);
            List<Future<String>> ends = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                ends.add(threads.submit(() -> state(() -> {
                    while (true) {
                        manager.useTransaction(lease -> query(lease, "SELECT 1"));
                        working.countDown();
                    }
                })));
            }
            working.await();
            manager.close();
            for (Future<String> end : ends) {
                assertThat(end.get()).isEqualTo("08003");
            }
            assertThat(manager.stats().waiting()).isZero();
            assertThat(manager.isOpen()).isFalse();
        }
        threads.shutdownNow();
        Awaitility.await().until(() -> DB.sessions() == 0);
    }

    private static void awaitWaiting(ManagedConnection manager, int threads) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> manager.stats().waiting() == threads);
    }

    private interface Body<T> {
        T run() throws Exception;
    }

    private static <T> T unchecked(Body<T> body) {
        try {
            return body.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_source_that_asks_for_a_lease_while_its_connection_is_closed_gets_one() throws SQLException {
        ManagedConnection[] manager = new ManagedConnection[1];
        AtomicInteger got = new AtomicInteger();
        manager[0] = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    Connection raw = DB.source().getConnection();
                    return DataSources.with(raw, (method, go) -> {
                        if (method.equals("close") && got.getAndIncrement() == 0) {
                            manager[0].acquire().close();
                        }
                        return go.call();
                    });
                }))
                .build());
        Lease lease = manager[0].acquire();
        lease.closeOnRelease();
        lease.close();
        Awaitility.await().until(() -> manager[0].stats().leases() == 2);
    }

    @Test
    void the_lease_is_free_while_a_reset_waits_for_a_connection_to_close() throws Exception {
        CountDownLatch closing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() ->
                        DataSources.with(DB.source().getConnection(), (method, go) -> {
                            if (method.equals("close")) {
                                closing.countDown();
                                goOn.await();
                            }
                            return go.call();
                        })))
                .build());
        manager.acquire().close();
        CompletableFuture<Void> reset = Elsewhere.run(manager::reset);
        closing.await();
        assertThat(manager.tryAcquire()).isPresent().get().satisfies(Lease::close);
        goOn.countDown();
        reset.get();
    }

    // --- what a thread learns that waits in vain ------------------------------------------------------------------

    @Test
    void in_an_outage_a_thread_that_waits_in_vain_learns_the_last_failure_and_since_when() throws Exception {
        AtomicBoolean down = new AtomicBoolean();
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    if (down.get()) {
                        throw new SQLException("the server is away", "08001");
                    }
                    return DB.source().getConnection();
                }))
                .build());
        manager.acquire().close();
        manager.reset();
        down.set(true);
        CompletableFuture<String> first = Elsewhere.call(() -> state(() -> manager.acquire(Duration.ofSeconds(3))));
        Awaitility.await().until(() -> manager.stats().openingFailures() > 1);
        AcquireTimeoutException told =
                catchThrowableOfType(AcquireTimeoutException.class, () -> manager.acquire(Duration.ofMillis(300)));
        assertThatThrownBy(() -> {
                    throw told;
                })
                .hasMessageContaining("\"elsewhere\" has the turn")
                .hasMessageContaining("opening a session has failed")
                .hasMessageContaining("times in the last")
                .hasMessageContaining("the server is away")
                .hasRootCauseMessage("the server is away");
        assertThat(told.holder()).isNull();
        assertThat(first.get()).isEqualTo("08001");
    }

    @Test
    void a_thread_that_waits_in_vain_while_the_session_is_validated_learns_so() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection manager = DB.closing(ManagedConnection.builder(proxy.source())
                .validateAfterIdle(Duration.ZERO)
                .build());
        manager.acquire().close();
        proxy.goDeaf();
        CompletableFuture<Void> first = Elsewhere.run(() -> manager.acquire().close());
        Awaitility.await().until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.session.Session", "isSound"));
        assertThatThrownBy(() -> manager.acquire(Duration.ofMillis(100)))
                .isInstanceOf(AcquireTimeoutException.class)
                .hasMessageContaining("whether it is still there");
        first.get();
    }
}
