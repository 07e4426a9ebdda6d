package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A server that is away is waited for, and never for longer than the caller has. */
@Timeout(60)
class ReconnectTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final AtomicInteger attempts = new AtomicInteger();

    /** Why the next attempts fail; null if they do not. */
    private volatile SQLException failure;

    private final CountDownLatch answer = new CountDownLatch(1);
    private volatile boolean hanging;

    private ManagedConnection manager(Duration acquireTimeout) {
        return manager(acquireTimeout, InitialFailure.FAIL_FAST);
    }

    private ManagedConnection manager(Duration acquireTimeout, InitialFailure rule) {
        return DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    attempts.incrementAndGet();
                    if (hanging) {
                        awaitFor(answer);
                    }
                    SQLException now = failure;
                    if (now != null) {
                        throw now;
                    }
                    return DB.source().getConnection();
                }))
                .acquireTimeout(acquireTimeout)
                .initialFailure(rule)
                .build());
    }

    private static void awaitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** It has had a session, and has none now. */
    private ManagedConnection usedBefore(Duration acquireTimeout) throws SQLException {
        ManagedConnection manager = manager(acquireTimeout);
        manager.open(Duration.ofSeconds(30));
        manager.reset();
        attempts.set(0);
        return manager;
    }

    /** Of tests before, perhaps, and about to end. */
    private final Set<Thread> others = openers();

    private static Set<Thread> openers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("pgmanaged open"))
                .collect(Collectors.toSet());
    }

    /** An attempt may have begun just before the time was up; then it is what the next acquisition waits for. */
    private int attemptsOnceAllHaveEnded() {
        Awaitility.await().until(() -> others.containsAll(openers()));
        return attempts.get();
    }

    private static SQLException refused() {
        return new SQLException("connection refused", "08001");
    }

    // --- the first opening ------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"08001", "53300", "57P03"})
    void a_patient_managers_first_lease_waits_for_a_server_that_is_away_full_or_starting(String state)
            throws SQLException {
        failure = new SQLException("not yet", state);
        ManagedConnection manager = manager(Duration.ofMinutes(1), InitialFailure.RETRY);
        CompletableFuture<Integer> first = Elsewhere.call(() -> pid(manager));
        Awaitility.await().until(() -> attempts.get() >= 3);
        assertThat(first).isNotDone();
        failure = null;
        assertThat(first).succeedsWithin(Duration.ofSeconds(30));
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void a_patient_managers_first_subscription_waits_for_a_server_that_is_away() {
        failure = refused();
        ManagedConnection manager = manager(Duration.ofMinutes(1), InitialFailure.RETRY);
        CompletableFuture<Subscription> first = Elsewhere.call(() -> manager.listen("jobs", message -> {}));
        Awaitility.await().until(() -> attempts.get() >= 3);
        assertThat(first).isNotDone();
        failure = null;
        assertThat(first).succeedsWithin(Duration.ofSeconds(30));
    }

    @Test
    void a_patient_manager_waits_no_longer_than_it_is_given() throws SQLException {
        failure = refused();
        ManagedConnection manager = manager(Duration.ofMillis(1500), InitialFailure.RETRY);
        assertThatThrownBy(manager::acquire)
                .isInstanceOf(AcquireTimeoutException.class)
                .hasRootCause(failure);
        int made = attemptsOnceAllHaveEnded();
        assertThatThrownBy(manager::tryAcquire).isSameAs(failure);
        assertThatThrownBy(() -> manager.acquire(Duration.ZERO)).isSameAs(failure);
        assertThat(attempts).hasValue(made + 2);
    }

    @ParameterizedTest
    @EnumSource
    void what_does_not_pass_by_waiting_fails_at_once_at_the_first_opening(InitialFailure rule) throws SQLException {
        failure = new SQLException("wrong password", "28P01");
        assertThatThrownBy(manager(Duration.ofMinutes(1), rule)::acquire).isSameAs(failure);
        assertThat(attempts).hasValue(1);
        PGSimpleDataSource elsewhere = DB.pgjdbcSource();
        elsewhere.setDatabaseName("no_such_database");
        ManagedConnection nowhere = DB.closing(
                ManagedConnection.builder(elsewhere).initialFailure(rule).build());
        assertThat(state(nowhere::acquire)).isEqualTo("3D000");
        assertThat(nowhere.stats().openingFailures()).isEqualTo(1);
    }

    // --- open -------------------------------------------------------------------------------------------------------

    @Test
    void opening_waits_for_a_server_that_comes_later() throws SQLException {
        failure = refused();
        ManagedConnection manager = manager(Duration.ofMinutes(1));
        CompletableFuture<Void> opening = Elsewhere.run(manager::open);
        Awaitility.await().until(() -> attempts.get() >= 3);
        assertThat(opening).isNotDone();
        failure = null;
        assertThat(opening).succeedsWithin(Duration.ofSeconds(30));
        assertThat(manager.isOpen()).isTrue();
        int made = attempts.get();
        manager.open(Duration.ZERO);
        pid(manager);
        assertThat(attempts).hasValue(made);
    }

    @Test
    void opening_waits_no_longer_than_it_is_given() {
        failure = refused();
        ManagedConnection manager = manager(Duration.ofMinutes(1));
        assertThatThrownBy(() -> manager.open(Duration.ofMillis(1500)))
                .isInstanceOf(AcquireTimeoutException.class)
                .hasRootCause(failure);
        int made = attemptsOnceAllHaveEnded();
        assertThatThrownBy(() -> manager.open(Duration.ZERO)).isSameAs(failure);
        assertThat(attempts).hasValue(made + 1);
        assertThatThrownBy(() -> manager.open(Duration.ofMillis(-1))).hasMessageContaining("timeout");
    }

    @Test
    void opening_does_not_wait_for_a_password_to_become_right() {
        failure = new SQLException("wrong password", "28P01");
        assertThatThrownBy(manager(Duration.ofMinutes(1))::open).isSameAs(failure);
        assertThat(attempts).hasValue(1);
    }

    @Test
    void opening_waits_for_no_holder_of_an_open_session() throws Exception {
        ManagedConnection manager = manager(Duration.ofMinutes(1));
        try (Lease held = manager.acquire()) {
            assertThat(held.status()).isEqualTo(TransactionStatus.IDLE);
            assertThat(Elsewhere.run(manager::open)).succeedsWithin(Duration.ofSeconds(30));
        }
    }

    @Test
    void a_closed_manager_opens_nothing() {
        ManagedConnection manager = manager(Duration.ofMinutes(1));
        manager.close();
        assertThat(state(manager::open)).isEqualTo("08003");
    }

    @Test
    void the_first_opening_ever_fails_at_once() {
        failure = refused();
        assertThatThrownBy(manager(Duration.ofMinutes(1))::acquire).isSameAs(failure);
        assertThat(attempts).hasValue(1);
    }

    @Test
    void later_a_server_that_is_away_is_waited_for() throws Exception {
        ManagedConnection manager = usedBefore(Duration.ofMinutes(1));
        failure = refused();
        CompletableFuture<Integer> waiter = Elsewhere.call(() -> pid(manager));
        Awaitility.await().until(() -> attempts.get() >= 3);
        assertThat(waiter).isNotDone();
        failure = null;
        assertThat(waiter.get()).isPositive();
    }

    @Test
    void a_server_that_stays_away_is_a_timeout_with_the_last_failure_as_its_cause() throws SQLException {
        ManagedConnection manager = usedBefore(Duration.ofMillis(1500));
        failure = refused();
        long begun = System.nanoTime();
        assertThatThrownBy(manager::acquire)
                .isInstanceOf(AcquireTimeoutException.class)
                .hasMessageContaining("within 1500 ms")
                .hasMessageContaining("connection refused")
                .hasCause(failure);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(1500));
        assertThat(attempts).as("with pauses").hasValueBetween(2, 12);
        assertThat(manager.stats().timeouts()).isEqualTo(1);
    }

    @Test
    void what_does_not_pass_fails_at_once() throws SQLException {
        ManagedConnection manager = usedBefore(Duration.ofMinutes(1));
        for (String state : new String[] {"28P01", "3D000", "42501"}) {
            failure = new SQLException("it stays so", state);
            assertThatThrownBy(manager::acquire).isSameAs(failure);
        }
    }

    @Test
    void a_server_that_is_full_or_starting_is_waited_for() throws Exception {
        ManagedConnection manager = usedBefore(Duration.ofMinutes(1));
        for (String state : new String[] {"53300", "57P03"}) {
            attempts.set(0);
            failure = new SQLException("it will pass", state);
            CompletableFuture<Integer> waiter = Elsewhere.call(() -> pid(manager));
            Awaitility.await().until(() -> attempts.get() >= 2);
            failure = null;
            assertThat(waiter.get()).isPositive();
            manager.reset();
        }
    }

    @Test
    void who_does_not_wait_is_told_at_once() throws SQLException {
        ManagedConnection manager = usedBefore(Duration.ofMinutes(1));
        failure = refused();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(manager::tryAcquire).isSameAs(failure);
            assertThatThrownBy(() -> manager.acquire(Duration.ZERO)).isSameAs(failure);
        }
        assertThat(attempts).hasValue(6);
    }

    @Test
    void an_opening_that_hangs_is_a_timeout_and_the_next_lease_takes_what_came_of_it() throws Exception {
        hanging = true;
        ManagedConnection manager = manager(Duration.ofMillis(300));
        assertThatThrownBy(manager::acquire)
                .isInstanceOf(AcquireTimeoutException.class)
                .hasMessageContaining("still being opened");
        assertThatThrownBy(manager::acquire).isInstanceOf(AcquireTimeoutException.class);
        answer.countDown();
        Awaitility.await().until(() -> DB.sessions() == 1);
        manager.acquire(Duration.ofSeconds(30)).close();
        assertThat(attempts).as("one opening for all").hasValue(1);
        assertThat(manager.stats().opened()).isEqualTo(1);
        Awaitility.await("none but this one is left").until(() -> DB.sessions() == 1);
    }

    @Test
    void a_session_that_came_too_late_is_closed_with_the_manager_or_by_a_reset() throws Exception {
        for (boolean reset : new boolean[] {false, true}) {
            hanging = false;
            ManagedConnection manager = usedBefore(Duration.ofSeconds(1));
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch late = new CountDownLatch(1);
            ManagedConnection slow = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                        begun.countDown();
                        awaitFor(late);
                        return DB.source().getConnection();
                    }))
                    .build());
            ManagedDatabase.giveUpOpening(slow, begun);
            late.countDown();
            Awaitility.await().until(() -> DB.sessions() == 1);
            if (reset) {
                slow.reset();
            } else {
                slow.close();
            }
            Awaitility.await().until(() -> DB.sessions() == 0);
            manager.close();
        }
    }

    @Test
    void closing_tells_who_waits_for_a_session_at_once_and_closes_what_comes() throws Exception {
        hanging = true;
        ManagedConnection manager = manager(Duration.ofMinutes(5));
        CompletableFuture<String> waiter = Elsewhere.call(() -> state(manager::acquire));
        Awaitility.await().until(() -> attempts.get() == 1);
        manager.close();
        assertThat(waiter.get()).isEqualTo("08003");
        answer.countDown();
        Awaitility.await().during(Duration.ofMillis(300)).until(() -> DB.sessions() == 0);
    }

    @Test
    void closing_wakes_who_pauses_between_two_attempts() throws Exception {
        assertShorterThanAPause(() -> {
            ManagedConnection manager = afterManyFailures();
            CompletableFuture<String> waiter =
                    Elsewhere.call(() -> state(() -> manager.acquire(Duration.ofMinutes(5))));
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.session.SessionOpener", "pause"));
            long begun = System.nanoTime();
            manager.close();
            assertThat(waiter.get()).isEqualTo("08003");
            return System.nanoTime() - begun;
        });
    }

    @Test
    void a_pause_between_two_attempts_ends_with_the_callers_time() throws Exception {
        assertShorterThanAPause(() -> {
            ManagedConnection manager = afterManyFailures();
            long begun = System.nanoTime();
            assertThatThrownBy(() -> manager.acquire(Duration.ofMillis(10)))
                    .isInstanceOf(AcquireTimeoutException.class);
            return System.nanoTime() - begun;
        });
    }

    /** Its next attempt is half a second away, or more. */
    private ManagedConnection afterManyFailures() throws SQLException {
        failure = null;
        ManagedConnection manager = usedBefore(Duration.ofMinutes(5));
        failure = refused();
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(manager::tryAcquire).isSameAs(failure);
        }
        return manager;
    }

    /** The shortest of a few counts, so that a busy machine does no harm. */
    private static void assertShorterThanAPause(Callable<Long> nanos) throws Exception {
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            shortest = Math.min(shortest, nanos.call());
        }
        assertThat(Duration.ofNanos(shortest))
                .isLessThan(Duration.ofNanos(Duration.ofSeconds(1).toNanos() / 3));
    }

    @Test
    void a_hook_that_fails_is_not_tried_again_but_one_whose_session_was_lost_is() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        ManagedConnection manager = DB.closing(DB.builder()
                .acquireTimeout(Duration.ofSeconds(20))
                .onOpen(connection -> {
                    switch (runs.incrementAndGet()) {
                        case 2 -> DB.kill(pid(connection));
                        case 4 -> throw new SQLException("it stays so", "42501");
                        default -> {}
                    }
                    execute(connection, "SELECT 1");
                })
                .build());
        manager.acquire().close();
        manager.reset();
        manager.acquire().close();
        assertThat(runs).as("the second was lost").hasValue(3);
        manager.reset();
        assertThat(state(manager::acquire)).isEqualTo("08001");
        assertThat(runs).hasValue(4);
    }

    @Test
    void an_interrupt_ends_the_wait_for_a_session_and_not_the_opening() throws Exception {
        hanging = true;
        ManagedConnection manager = manager(Duration.ofMinutes(5));
        Thread[] thread = new Thread[1];
        CompletableFuture<Boolean> waiter = Elsewhere.call(() -> {
            thread[0] = Thread.currentThread();
            assertThat(catchThrowable(manager::acquire)).isInstanceOf(AcquireInterruptedException.class);
            return Thread.currentThread().isInterrupted();
        });
        Awaitility.await().until(() -> attempts.get() == 1);
        thread[0].interrupt();
        assertThat(waiter.get()).as("the flag is kept").isTrue();
        answer.countDown();
        manager.acquire().close();
        assertThat(attempts).hasValue(1);
    }

    @Test
    void a_failure_says_who_wanted_the_session_as_well() {
        failure = refused();
        assertThat(catchThrowable(manager(Duration.ofMinutes(1))::acquire).getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(ReconnectTest.class.getName())
                        && frame.getMethodName().startsWith("a_failure_says"));
    }
}
