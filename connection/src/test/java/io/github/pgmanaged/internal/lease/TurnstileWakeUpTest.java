package io.github.pgmanaged.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Wake-ups that come at an awkward moment: the lookout stands in that moment, between the first waiter's last try and
 * its sleep. A waiter that nobody wakes looks by itself a second later, so a lost wake-up shows as that second, each
 * time. The fastest of a few turns counts, so that a busy machine does no harm.
 */
class TurnstileWakeUpTest {
    private static final int TURNS = 5;
    private static final long TURN_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final Duration WITHOUT_A_WAKE_UP = Duration.ofMillis(700);
    private static final long FOREVER = Long.MAX_VALUE;
    private static final Turnstile.Lookout NEVER_AGAIN = now -> FOREVER;

    @ParameterizedTest
    @ValueSource(longs = {-1, FOREVER})
    void who_breaks_off_when_its_turn_has_come_wakes_the_next_one(long patienceNanos) throws Exception {
        assertFast(() -> {
            Turnstile<Object> turnstile = occupied(patienceNanos);
            List<Sleeper> next = new ArrayList<>();
            Throwable broken = catchThrowable(() -> turnstile.enter(new Object(), FOREVER, now -> {
                next.add(Sleeper.in(turnstile));
                turnstile.leave(
                        turnstile.occupant()); // wakes nobody, since the first in the queue is awake; or passes it the
                // turn
                throw new IllegalStateException("seen enough");
            }));
            assertThat(broken).isInstanceOf(IllegalStateException.class);
            return next.get(0).timeUntilIn();
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, FOREVER})
    void who_is_interrupted_when_its_turn_has_come_wakes_the_next_one(long patienceNanos) throws Exception {
        assertFast(() -> {
            Turnstile<Object> turnstile = occupied(patienceNanos);
            List<Sleeper> next = new ArrayList<>();
            Throwable broken = catchThrowable(() -> turnstile.enter(new Object(), FOREVER, now -> {
                next.add(Sleeper.in(turnstile));
                turnstile.leave(turnstile.occupant());
                Thread.currentThread().interrupt();
                return FOREVER;
            }));
            assertThat(broken).isInstanceOf(InterruptedException.class);
            return next.get(0).timeUntilIn();
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, FOREVER})
    void who_comes_out_while_the_first_falls_asleep_wakes_it_all_the_same(long patienceNanos) throws Exception {
        assertFast(() -> {
            Turnstile<Object> turnstile = occupied(patienceNanos);
            long begun = System.nanoTime();
            assertThat(turnstile.enter(new Object(), TimeUnit.SECONDS.toNanos(1), now -> {
                        turnstile.leave(turnstile.occupant());
                        return FOREVER;
                    }))
                    .isTrue();
            return Duration.ofNanos(System.nanoTime() - begun);
        });
    }

    @Test
    void closing_wakes_all_who_sleep() throws Exception {
        assertFast(() -> {
            Turnstile<Object> turnstile = occupied();
            Sleeper first = Sleeper.in(turnstile);
            Sleeper second = Sleeper.in(turnstile);
            Sleeper third = Sleeper.in(turnstile);
            assertThat(turnstile.close(new Object(), 0)).isFalse();
            first.timeUntilTold();
            second.timeUntilTold();
            return third.timeUntilTold();
        });
    }

    @Test
    void closing_while_the_first_falls_asleep_tells_it_all_the_same() throws Exception {
        assertFast(() -> {
            Turnstile<Object> turnstile = occupied();
            long begun = System.nanoTime();
            Throwable told = catchThrowable(() -> turnstile.enter(new Object(), TimeUnit.SECONDS.toNanos(1), now -> {
                assertThat(turnstile.close(new Object(), 0)).isFalse();
                LockSupport.parkNanos(1); // takes the wake-up, as a lookout that waits for something does
                return FOREVER;
            }));
            assertThat(told).isInstanceOf(Turnstile.ClosedException.class);
            return Duration.ofNanos(System.nanoTime() - begun);
        });
    }

    @Test
    void a_closer_that_gives_up_is_in_nobodys_way() throws Exception {
        Turnstile<Object> turnstile = occupied();
        assertThat(turnstile.close(new Object(), 0)).isFalse();
        turnstile.leave(turnstile.occupant());
        assertThat(turnstile.tryEnter(new Object())).isTrue();
        assertThat(turnstile.close(new Object(), 0)).isFalse();
        turnstile.leave(turnstile.occupant());
        assertThat(turnstile.close(new Object(), 0)).isTrue();
        assertThat(turnstile.tryEnter(new Object())).isFalse();
    }

    @Test
    void a_closer_that_is_interrupted_keeps_the_flag() {
        Turnstile<Object> turnstile = occupied();
        Thread.currentThread().interrupt();
        assertThat(turnstile.close(new Object(), FOREVER)).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }

    /** A waiter that was woken in vain rests for a moment; it must see that the turnstile is free all the same. */
    @Test
    void who_dozes_comes_in_when_the_one_who_was_back_at_once_stays_away() throws Exception {
        assertFast(() -> {
            Turnstile<Object> turnstile = occupied(FOREVER);
            Sleeper first = Sleeper.in(turnstile);
            int passed = 0;
            do {
                turnstile.leave(turnstile.occupant());
            } while (passed++ < 1000 && turnstile.tryEnter(new Object()));
            turnstile.leave(turnstile.occupant());
            return first.timeUntilIn();
        });
    }

    /** It wakes when it is woken, and when it has dozed; the turns are as long as a round trip. */
    @RepeatedTest(20)
    void who_is_back_at_once_over_and_over_does_not_wake_the_first_each_time() throws Exception {
        Turnstile<Object> turnstile = occupied(FOREVER);
        AtomicInteger looks = new AtomicInteger();
        Thread first = looking(turnstile, looks);
        long begun = System.nanoTime();
        int passed = 0;
        do {
            long entered = System.nanoTime();
            while (System.nanoTime() - entered < TURN_NANOS) {
                Thread.onSpinWait();
            }
            turnstile.leave(turnstile.occupant());
        } while (passed++ < 1000 && turnstile.tryEnter(new Object())); // or it found a moment with nobody inside
        first.join();
        long dozes = 5 + (System.nanoTime() - begun) / Turnstile.LONGEST_DOZE_NANOS;
        assertThat((long) looks.get()).as("looks while %s passed", passed).isLessThanOrEqualTo(4 * dozes);
    }

    @RepeatedTest(20)
    void a_turn_that_is_passed_on_costs_one_wake_up() throws Exception {
        Turnstile<Object> turnstile = occupied();
        AtomicInteger looks = new AtomicInteger();
        Thread first = looking(turnstile, looks);
        long since = System.nanoTime();
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> System.nanoTime() - since > 2 * Turnstile.PATIENCE_NANOS);
        turnstile.leave(turnstile.occupant());
        assertThat(turnstile.tryEnter(new Object())).isFalse();
        first.join();
        assertThat(looks).as("it found itself passed, and looked again").hasValue(1);
    }

    /** Waits in the queue, asleep, and stays inside. */
    private static Thread looking(Turnstile<Object> turnstile, AtomicInteger looks) {
        Thread first = new Thread(() -> {
            try {
                turnstile.enter(new Object(), FOREVER, now -> {
                    looks.incrementAndGet();
                    return FOREVER;
                });
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        first.start();
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> first.getState() == Thread.State.TIMED_WAITING);
        return first;
    }

    private static Turnstile<Object> occupied() {
        return occupied(Turnstile.PATIENCE_NANOS);
    }

    private static Turnstile<Object> occupied(long patienceNanos) {
        Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE, patienceNanos);
        assertThat(turnstile.tryEnter(new Object())).isTrue();
        return turnstile;
    }

    private static void assertFast(Callable<Duration> turn) throws Exception {
        Duration fastest = Duration.ofDays(1);
        for (int i = 0; i < TURNS; i++) {
            Duration time = turn.call();
            fastest = time.compareTo(fastest) < 0 ? time : fastest;
        }
        assertThat(fastest).isLessThan(WITHOUT_A_WAKE_UP);
    }

    /** Waits in the queue, asleep. */
    private static final class Sleeper {
        private final FutureTask<Long> end;
        private final long asleepAt;

        private Sleeper(FutureTask<Long> end, long asleepAt) {
            this.end = end;
            this.asleepAt = asleepAt;
        }

        static Sleeper in(Turnstile<Object> turnstile) {
            CountDownLatch coming = new CountDownLatch(1);
            FutureTask<Long> end = new FutureTask<>(() -> {
                coming.countDown();
                try {
                    assertThat(turnstile.enter(new Object(), TimeUnit.SECONDS.toNanos(30), NEVER_AGAIN))
                            .isTrue();
                    turnstile.leave(turnstile.occupant());
                    return System.nanoTime();
                } catch (Turnstile.ClosedException e) {
                    return -System.nanoTime();
                }
            });
            Thread thread = new Thread(end, "sleeper");
            thread.setDaemon(true);
            thread.start();
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> coming.getCount() == 0 && thread.getState() == Thread.State.TIMED_WAITING);
            return new Sleeper(end, System.nanoTime());
        }

        Duration timeUntilIn() throws Exception {
            long at = end.get(60, TimeUnit.SECONDS);
            assertThat(at).as("it was let in").isPositive();
            return Duration.ofNanos(at - asleepAt);
        }

        Duration timeUntilTold() throws Exception {
            long at = end.get(60, TimeUnit.SECONDS);
            assertThat(at).as("it was told").isNegative();
            return Duration.ofNanos(-at - asleepAt);
        }
    }
}
