package io.github.pgmanaged.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order in which threads pass. */
@Timeout(120)
class TurnstileTest {
    /** Stands for each turn: these tests are about the order alone. */
    private static final Object TURN = new Object();

    @Test
    void who_waits_is_served_in_the_order_of_coming() throws Exception {
        Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE);
        assertThat(turnstile.tryEnter(TURN)).isTrue();
        List<Integer> order = new ArrayList<>(); // guarded by the turnstile
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int number = i;
            Thread thread = new Thread(() -> unchecked(() -> {
                assertThat(turnstile.enter(TURN, Long.MAX_VALUE, now -> Long.MAX_VALUE))
                        .isTrue();
                order.add(number);
                turnstile.leave(TURN);
                return null;
            }));
            thread.start();
            threads.add(thread);
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isParked(thread));
        }
        turnstile.leave(TURN);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(order).isSorted().hasSize(20);
    }

    @Test
    void nobody_passes_the_first_in_the_queue_once_it_has_waited_long_enough() throws Exception {
        for (int round = 0; round < 10; round++) {
            Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE);
            assertThat(turnstile.tryEnter(TURN)).isTrue();
            CountDownLatch done = new CountDownLatch(1);
            Thread waiter = new Thread(() -> unchecked(() -> {
                assertThat(turnstile.enter(TURN, Long.MAX_VALUE, now -> Long.MAX_VALUE))
                        .isTrue();
                done.await();
                turnstile.leave(TURN);
                return null;
            }));
            waiter.start();
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isParked(waiter));
            long since = System.nanoTime();
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> System.nanoTime() - since > 2 * Turnstile.PATIENCE_NANOS);

            // Who leaves and comes back at once is there before a waiter that has to wake up, as a busy thread is.
            int passed = 0;
            long waits;
            do {
                waits = waits(waiter);
                turnstile.leave(TURN);
                if (!turnstile.tryEnter(TURN)) {
                    break;
                }
                passed++;
                long before = waits;
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> waits(waiter) > before); // it woke up, found itself passed, and waits again
            } while (passed < 100);

            assertThat(passed).as("passed after it had lost its patience").isLessThanOrEqualTo(1);
            done.countDown();
            waiter.join();
        }
    }

    private static long waits(Thread thread) {
        return ManagementFactory.getThreadMXBean().getThreadInfo(thread.getId()).getWaitedCount();
    }

    @Test
    void an_impatient_waiter_that_gives_up_blocks_nobody() throws Exception {
        Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE);
        for (int i = 0; i < 20; i++) {
            assertThat(turnstile.tryEnter(TURN)).isTrue();
            Thread waiter = new Thread(() -> assertThatThrownBy(
                            () -> turnstile.enter(TURN, Long.MAX_VALUE, now -> Long.MAX_VALUE))
                    .isInstanceOf(InterruptedException.class));
            waiter.start();
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isParked(waiter));
            LockSupport.parkNanos(Turnstile.PATIENCE_NANOS * 2);
            LockSupport.unpark(waiter); // it looks again, and loses its patience
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isParked(waiter));
            waiter.interrupt();
            waiter.join();
            turnstile.leave(TURN);
            assertThat(turnstile.waiting()).isZero();
        }
        assertThat(turnstile.tryEnter(TURN)).isTrue();
    }

    @Test
    void who_comes_may_pass_the_first_again_once_an_impatient_one_is_in() throws Exception {
        long patience = Duration.ofSeconds(1).toNanos();
        Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE, patience);
        assertThat(turnstile.tryEnter(TURN)).isTrue();
        List<Long> looks = new ArrayList<>();
        assertThat(turnstile.enter(TURN, Long.MAX_VALUE, now -> {
                    looks.add(now);
                    if (now - looks.get(0) > patience) {
                        turnstile.leave(TURN);
                        assertThat(turnstile.tryEnter(TURN))
                                .as("past an impatient one")
                                .isFalse();
                    }
                    return patience + 1;
                }))
                .isTrue();
        assertThat(turnstile.enter(TURN, Long.MAX_VALUE, now -> {
                    turnstile.leave(TURN);
                    assertThat(turnstile.tryEnter(TURN))
                            .as("past one that has only just come")
                            .isTrue();
                    turnstile.leave(TURN);
                    return Long.MAX_VALUE;
                }))
                .isTrue();
    }

    private static boolean isParked(Thread thread) {
        return thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING;
    }

    private static <T> T unchecked(Callable<T> body) {
        try {
            return body.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
