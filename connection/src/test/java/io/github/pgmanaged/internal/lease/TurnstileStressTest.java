package io.github.pgmanaged.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.Rounds;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The turnstile in many short rounds of real threads, with no patience, with so little that it ends in the middle of a
 * round, and with much.
 */
class TurnstileStressTest {
    private static final long FOREVER = Long.MAX_VALUE;
    private static final Turnstile.Lookout NEVER_AGAIN = now -> FOREVER;

    /** A round takes microseconds, and some milliseconds on a busy machine. */
    private static final Duration LONG = Duration.ofSeconds(20);

    @ParameterizedTest
    @ValueSource(longs = {-1, 5_000, Long.MAX_VALUE})
    void of_all_who_come_at_once_one_gets_in(long patienceNanos) throws Exception {
        Rounds.play(
                () -> new Room(patienceNanos), Room::hasOne, Room::stayIfFree, Room::stayIfFirst, Room::stayIfFirst);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 5_000, Long.MAX_VALUE})
    void everybody_gets_in_alone(long patienceNanos) throws Exception {
        Rounds.play(() -> new Room(patienceNanos), Room::isFree, Room::visit, Room::visit, Room::visitIfFree);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 5_000, Long.MAX_VALUE})
    void who_runs_out_of_time_takes_nobody_with_it(long patienceNanos) throws Exception {
        Rounds.play(
                () -> new Room(patienceNanos),
                Room::isFree,
                Room::visit,
                room -> room.visitWithin(ThreadLocalRandom.current().nextLong(50_000)),
                Room::visit);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 5_000, Long.MAX_VALUE})
    void who_is_interrupted_takes_nobody_with_it(long patienceNanos) throws Exception {
        Rounds.play(
                () -> new Room(patienceNanos),
                Room::isFree,
                Room::visit,
                Room::visitAndBeInterrupted,
                Room::interrupt,
                Room::visit);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 5_000, Long.MAX_VALUE})
    void who_closes_it_is_the_last_one_inside(long patienceNanos) throws Exception {
        Rounds.play(
                () -> new Room(patienceNanos),
                Room::isShut,
                Room::visitUnlessClosed,
                Room::visitUnlessClosed,
                Room::close);
    }

    /** Behind a turnstile. Its fields are plain: the turnstile alone makes them visible from one thread to the next. */
    private static final class Room {
        private final Turnstile<Object> turnstile;
        private final int maxVisits = 4;
        private final AtomicInteger entered = new AtomicInteger();
        private int inside;
        private int visits;
        private boolean shut;
        private volatile Thread victim;
        private volatile boolean interrupted;

        Room(long patienceNanos) {
            turnstile = new Turnstile<>(Integer.MAX_VALUE, patienceNanos);
        }

        void visit() throws Exception {
            long arrival = System.nanoTime();
            assertThat(visitWithin(2 * LONG.toNanos())).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - arrival))
                    .as("a turn")
                    .isLessThan(LONG);
        }

        boolean visitWithin(long timeoutNanos) throws Exception {
            boolean in = turnstile.enter(new Object(), timeoutNanos, NEVER_AGAIN);
            if (in) {
                stay();
            }
            return in;
        }

        void visitIfFree() {
            if (turnstile.tryEnter(new Object())) {
                stay();
            }
        }

        void stayIfFree() {
            if (turnstile.tryEnter(new Object())) {
                entered.incrementAndGet();
            }
        }

        void stayIfFirst() throws Exception {
            if (turnstile.enter(new Object(), 0, NEVER_AGAIN)) {
                entered.incrementAndGet();
            }
        }

        void hasOne() {
            assertThat(entered.get()).isEqualTo(1);
        }

        void visitUnlessClosed() throws Exception {
            try {
                visit();
            } catch (Turnstile.ClosedException e) {
                assertThat(visits).isLessThan(maxVisits);
            }
        }

        void visitAndBeInterrupted() throws Exception {
            victim = Thread.currentThread();
            try {
                visit();
            } catch (InterruptedException e) {
                assertThat(visits).isLessThan(maxVisits);
            }
            long begun = System.nanoTime();
            while (!interrupted) {
                assertThat(System.nanoTime() - begun).isLessThan(LONG.toNanos());
                Thread.onSpinWait();
            }
            Thread.interrupted(); // the next round is another's
        }

        void interrupt() {
            Thread thread;
            while ((thread = victim) == null) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            interrupted = true;
        }

        private void stay() {
            int others = inside++;
            if (others != 0 || shut) {
                throw new AssertionError(shut ? "somebody is inside after it was closed" : "two are inside");
            }
            visits++;
            inside--;
            turnstile.leave(turnstile.occupant());
        }

        void close() {
            assertThat(turnstile.close(new Object(), 2 * LONG.toNanos())).isTrue();
            assertThat(inside).isZero();
            shut = true;
        }

        void isFree() {
            assertThat(turnstile.waiting()).isZero();
            assertThat(turnstile.tryEnter(new Object()))
                    .as("nobody is inside, so who comes gets in")
                    .isTrue();
            assertThat(turnstile.tryEnter(new Object()))
                    .as("somebody is inside")
                    .isFalse();
        }

        void isShut() {
            assertThat(turnstile.waiting()).isZero();
            assertThat(turnstile.tryEnter(new Object())).as("it was closed").isFalse();
        }
    }
}
