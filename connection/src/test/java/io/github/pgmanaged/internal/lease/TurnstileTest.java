package io.github.pgmanaged.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order in which threads pass. */
@Timeout(120)
class TurnstileTest {
    @Test
    void who_waits_is_served_in_the_order_of_coming() throws Exception {
        Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE);
        assertThat(turnstile.tryEnter(new Object())).isTrue();
        List<Integer> order = new ArrayList<>(); // guarded by the turnstile
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int number = i;
            Thread thread = new Thread(() -> unchecked(() -> {
                assertThat(turnstile.enter(new Object(), Long.MAX_VALUE, now -> Long.MAX_VALUE))
                        .isTrue();
                order.add(number);
                turnstile.leave(turnstile.occupant());
                return null;
            }));
            thread.start();
            threads.add(thread);
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isParked(thread));
        }
        turnstile.leave(turnstile.occupant());
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(order).isSorted().hasSize(20);
    }

    @Test
    void nobody_passes_the_first_in_the_queue_once_it_has_waited_long_enough() throws Exception {
        for (int round = 0; round < 10; round++) {
            Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE);
            assertThat(turnstile.tryEnter(new Object())).isTrue();
            CountDownLatch done = new CountDownLatch(1);
            Thread waiter = new Thread(() -> unchecked(() -> {
                assertThat(turnstile.enter(new Object(), Long.MAX_VALUE, now -> Long.MAX_VALUE))
                        .isTrue();
                done.await();
                turnstile.leave(turnstile.occupant());
                return null;
            }));
            waiter.start();
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isParked(waiter));
            long since = System.nanoTime();
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> System.nanoTime() - since > 2 * Turnstile.PATIENCE_NANOS);

            // Who leaves and comes back at once is there before a waiter that has to wake up, as a busy thread is.
            turnstile.leave(turnstile.occupant());
            assertThat(turnstile.tryEnter(new Object()))
                    .as("passed after it had lost its patience")
                    .isFalse();
            done.countDown();
            waiter.join();
        }
    }

    @Test
    void nobody_passes_while_many_wait() throws Exception {
        Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE, Long.MAX_VALUE);
        assertThat(turnstile.tryEnter(new Object())).isTrue();
        AtomicInteger passed = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Turnstile.FEW + 10; i++) {
            Thread thread = new Thread(() -> unchecked(() -> {
                Object turn = new Object();
                assertThat(turnstile.enter(turn, Long.MAX_VALUE, now -> Long.MAX_VALUE))
                        .isTrue();
                turnstile.leave(turn);
                Object mine = new Object();
                if (turnstile.tryEnter(mine)) {
                    passed.accumulateAndGet(turnstile.waiting(), Math::max);
                    turnstile.leave(mine);
                }
                return null;
            }));
            thread.start();
            threads.add(thread);
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isParked(thread));
        }
        turnstile.leave(turnstile.occupant());
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(passed.get()).as("how many were passed at a time").isLessThanOrEqualTo(Turnstile.FEW);
    }

    @Test
    void an_impatient_waiter_that_gives_up_blocks_nobody() throws Exception {
        Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE);
        for (int i = 0; i < 20; i++) {
            assertThat(turnstile.tryEnter(new Object())).isTrue();
            Thread waiter = new Thread(() -> assertThatThrownBy(
                            () -> turnstile.enter(new Object(), Long.MAX_VALUE, now -> Long.MAX_VALUE))
                    .isInstanceOf(InterruptedException.class));
            waiter.start();
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isParked(waiter));
            LockSupport.parkNanos(Turnstile.PATIENCE_NANOS * 2);
            LockSupport.unpark(waiter); // it looks again, and loses its patience
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isParked(waiter));
            waiter.interrupt();
            waiter.join();
            turnstile.leave(turnstile.occupant());
            assertThat(turnstile.waiting()).isZero();
        }
        assertThat(turnstile.tryEnter(new Object())).isTrue();
    }

    @Test
    void who_comes_may_pass_the_first_again_once_an_impatient_one_is_in() throws Exception {
        long patience = Duration.ofSeconds(1).toNanos();
        Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE, patience);
        assertThat(turnstile.tryEnter(new Object())).isTrue();
        List<Long> looks = new ArrayList<>();
        assertThat(turnstile.enter(new Object(), Long.MAX_VALUE, now -> {
                    looks.add(now);
                    if (now - looks.get(0) > patience) {
                        turnstile.leave(turnstile.occupant());
                        assertThat(turnstile.tryEnter(new Object()))
                                .as("past an impatient one")
                                .isFalse();
                    }
                    return patience + 1;
                }))
                .isTrue();
        assertThat(turnstile.enter(new Object(), Long.MAX_VALUE, now -> {
                    turnstile.leave(turnstile.occupant());
                    assertThat(turnstile.tryEnter(new Object()))
                            .as("past one that has only just come")
                            .isTrue();
                    turnstile.leave(turnstile.occupant());
                    return Long.MAX_VALUE;
                }))
                .isTrue();
    }

    /** The bound on waiting: others may pass before that, so long as the first in the queue is patient. */
    @Test
    void who_has_waited_long_enough_has_its_turn_after_those_before_it_and_the_one_inside() throws Exception {
        Turnstile<Object> turnstile = new Turnstile<>(Integer.MAX_VALUE);
        assertThat(turnstile.tryEnter(new Object())).isTrue();
        AtomicInteger turns = new AtomicInteger(); // that end before the last one's begins
        List<Integer> turnsBefore = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Thread thread = new Thread(() -> unchecked(() -> {
                assertThat(turnstile.enter(new Object(), Long.MAX_VALUE, now -> Long.MAX_VALUE))
                        .isTrue();
                turnsBefore.add(turns.getAndIncrement());
                turnstile.leave(turnstile.occupant());
                while (turnsBefore.size() < 10) { // as a busy thread does, which comes back over and over
                    Object turn = new Object();
                    if (turnstile.tryEnter(turn)) {
                        turns.incrementAndGet();
                        turnstile.leave(turn);
                    }
                }
                return null;
            }));
            thread.start();
            threads.add(thread);
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isParked(thread));
        }
        assertThat(turnstile.waiting()).isEqualTo(10);
        long last = System.nanoTime();
        assertThat(turnstile.firstWaitNanos(last)).isPositive();
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> System.nanoTime() - last > 2 * Turnstile.PATIENCE_NANOS);
        turns.incrementAndGet();
        turnstile.leave(turnstile.occupant());
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(turnsBefore).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        assertThat(turnstile.waiting()).isZero();
        assertThat(turnstile.firstWaitNanos(System.nanoTime())).isZero();
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
