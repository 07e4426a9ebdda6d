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
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Wake-ups that come at an awkward moment: the lookout stands in that moment, between the first waiter's last try and
 * its sleep. A waiter that nobody wakes looks by itself a second later, so a lost wake-up shows as that second, each
 * time. The fastest of a few turns counts, so that a busy machine does no harm.
 */
class TurnstileWakeUpTest {
    /** Stands for each turn: these tests are about the order alone. */
    private static final Object TURN = new Object();

    private static final int TURNS = 5;
    private static final Duration WITHOUT_A_WAKE_UP = Duration.ofMillis(700);
    private static final long FOREVER = Long.MAX_VALUE;
    private static final Turnstile.Lookout NEVER_AGAIN = now -> FOREVER;

    @Test
    void who_breaks_off_when_its_turn_has_come_wakes_the_next_one() throws Exception {
        assertFast(() -> {
            Turnstile<Object> turnstile = occupied();
            List<Sleeper> next = new ArrayList<>();
            Throwable broken = catchThrowable(() -> turnstile.enter(TURN, FOREVER, now -> {
                next.add(Sleeper.in(turnstile));
                turnstile.leave(TURN); // wakes nobody, since the first in the queue is awake
                throw new IllegalStateException("seen enough");
            }));
            assertThat(broken).isInstanceOf(IllegalStateException.class);
            return next.get(0).timeUntilIn();
        });
    }

    @Test
    void who_is_interrupted_when_its_turn_has_come_wakes_the_next_one() throws Exception {
        assertFast(() -> {
            Turnstile<Object> turnstile = occupied();
            List<Sleeper> next = new ArrayList<>();
            Throwable broken = catchThrowable(() -> turnstile.enter(TURN, FOREVER, now -> {
                next.add(Sleeper.in(turnstile));
                turnstile.leave(TURN);
                Thread.currentThread().interrupt();
                return FOREVER;
            }));
            assertThat(broken).isInstanceOf(InterruptedException.class);
            return next.get(0).timeUntilIn();
        });
    }

    @Test
    void who_comes_out_while_the_first_falls_asleep_wakes_it_all_the_same() throws Exception {
        assertFast(() -> {
            Turnstile<Object> turnstile = occupied();
            long begun = System.nanoTime();
            assertThat(turnstile.enter(TURN, TimeUnit.SECONDS.toNanos(1), now -> {
                        turnstile.leave(TURN);
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
            assertThat(turnstile.close(TURN, 0)).isFalse();
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
            Throwable told = catchThrowable(() -> turnstile.enter(TURN, TimeUnit.SECONDS.toNanos(1), now -> {
                assertThat(turnstile.close(TURN, 0)).isFalse();
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
        assertThat(turnstile.close(TURN, 0)).isFalse();
        turnstile.leave(TURN);
        assertThat(turnstile.tryEnter(TURN)).isTrue();
        assertThat(turnstile.close(TURN, 0)).isFalse();
        turnstile.leave(TURN);
        assertThat(turnstile.close(TURN, 0)).isTrue();
        assertThat(turnstile.tryEnter(TURN)).isFalse();
    }

    @Test
    void a_closer_that_is_interrupted_keeps_the_flag() {
        Turnstile<Object> turnstile = occupied();
        Thread.currentThread().interrupt();
        assertThat(turnstile.close(TURN, FOREVER)).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }

    private static Turnstile<Object> occupied() {
        Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE);
        assertThat(turnstile.tryEnter(TURN)).isTrue();
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
                    assertThat(turnstile.enter(TURN, TimeUnit.SECONDS.toNanos(30), NEVER_AGAIN))
                            .isTrue();
                    turnstile.leave(TURN);
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
