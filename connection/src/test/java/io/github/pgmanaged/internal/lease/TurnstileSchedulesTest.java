package io.github.pgmanaged.internal.lease;

import static io.github.pgmanaged.testing.Schedules.start;
import static io.github.pgmanaged.testing.Schedules.together;
import static io.github.pgmanaged.testing.Schedules.tryAll;

import io.github.pgmanaged.testing.Schedules.Player;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What must never happen at the turnstile, under many schedules. (That wake-ups are not lost,
 * {@link TurnstileWakeUpTest} and {@link TurnstileStressTest} show: who parks here is woken for nothing now and then.)
 */
class TurnstileSchedulesTest {
    private static final long FOREVER = Long.MAX_VALUE;
    private static final Turnstile.Lookout NEVER_AGAIN = now -> FOREVER;
    private static final Pause PAUSE = new Pause(Instant.EPOCH, 0);

    /** Time stands still in a schedule, so the first in the queue loses its patience at once or never. */
    enum Order {
        FIRST_COME_FIRST_SERVED(-1),
        WHOEVER_FINDS_IT_FREE(Long.MAX_VALUE);

        final long patienceNanos;

        Order(long patienceNanos) {
            this.patienceNanos = patienceNanos;
        }
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void of_all_who_come_at_once_one_gets_in(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            boolean[] in = new boolean[3];
            together(
                    () -> in[0] = room.turnstile.enter(new Object(), 0, NEVER_AGAIN),
                    () -> in[1] = room.turnstile.tryEnter(new Object()),
                    () -> in[2] = room.turnstile.enter(new Object(), 0, NEVER_AGAIN));
            check((in[0] ? 1 : 0) + (in[1] ? 1 : 0) + (in[2] ? 1 : 0) == 1, "not one of them got in");
        });
    }

    @ParameterizedTest
    @EnumSource
    void who_waits_is_inside_alone(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            together(room::visit, room::visit, room::visit);
            room.isFree();
        });
    }

    @ParameterizedTest
    @EnumSource
    void who_does_not_wait_is_inside_alone(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            together(room::visit, room::visit, room::visitIfFree);
            room.isFree();
        });
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void who_runs_out_of_time_leaves_no_trace(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            room.enter();
            together(() -> room.visitWithin(0, NEVER_AGAIN), room::visit, room::leave);
            room.isFree();
        });
    }

    @ParameterizedTest
    @EnumSource
    void who_is_interrupted_leaves_no_trace(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            room.enter();
            Player interrupted = start(() -> {
                try {
                    room.visit();
                } catch (InterruptedException e) {
                    room.turnedAway();
                }
            });
            Player patient = start(room::visit);
            room.leave();
            interrupted.interrupt();
            interrupted.finish();
            patient.finish();
            room.isFree();
        });
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void who_is_rejected_leaves_no_trace(Order order) {
        tryAll(() -> {
            Room room = new Room(order, 1);
            room.enter(); // so that the first who comes has to wait
            Player[] players = new Player[3];
            for (int i = 0; i < players.length; i++) {
                players[i] = start(() -> {
                    try {
                        room.visit();
                    } catch (Turnstile.FullException e) {
                        room.turnedAway();
                    }
                });
            }
            room.leave();
            for (Player player : players) {
                player.finish();
            }
            room.wasVisited(1);
            room.isFree();
        });
    }

    /**
     * With three threads and two places, only one can come while both are taken by the others; that one may do so
     * twice.
     */
    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void a_thread_that_is_refused_takes_no_place_from_another(Order order) {
        tryAll(() -> {
            Room room = new Room(order, 2);
            room.enter();
            AtomicInteger first = new AtomicInteger();
            AtomicInteger second = new AtomicInteger();
            AtomicInteger third = new AtomicInteger();
            together(
                    () -> {
                        room.come(first);
                        room.come(first);
                    },
                    () -> room.come(second),
                    () -> room.come(third));
            int refused = Math.min(first.get(), 1) + second.get() + third.get();
            check(refused <= 1, refused + " threads were refused");
            room.leave();
        });
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void one_may_leave_for_another(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            room.enter();
            together(room::visit, room::visit, room::leave);
            room.wasVisited(2);
            room.isFree();
        });
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void who_closes_it_is_the_last_one_inside_and_who_waits_is_told(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            together(room::visitUnlessClosed, room::visitUnlessClosed, () -> room.close(FOREVER, true));
            room.isShutForEver();
        });
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void who_closes_it_has_all_who_wait_told_even_if_the_one_inside_stays(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            room.enter();
            together(room::visitUnlessClosed, room::visitUnlessClosed, () -> room.close(0, false));
            room.wasVisited(0);
            room.leave();
        });
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void two_who_close_it_are_not_inside_together(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            int[] closed = new int[2];
            together(
                    room::visitUnlessClosed,
                    () -> closed[0] = room.turnstile.close(new Object(), 0) ? 1 : 0,
                    () -> closed[1] = room.turnstile.close(new Object(), 0) ? 1 : 0);
            check(closed[0] + closed[1] <= 1, "two closed it");
        });
    }

    @ParameterizedTest
    @EnumSource(names = "FIRST_COME_FIRST_SERVED")
    void nobody_passes_the_first_in_the_queue_once_it_is_impatient(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            room.enter();
            CountDownLatch impatient = new CountDownLatch(1);
            List<String> entered = new ArrayList<>(); // guarded by the turnstile
            Player first = start(() -> {
                room.turnstile.enter(new Object(), FOREVER, now -> {
                    impatient.countDown();
                    return FOREVER;
                });
                entered.add("first");
                room.leave();
            });
            impatient.await();
            Player second = start(() -> {
                room.turnstile.enter(new Object(), FOREVER, NEVER_AGAIN);
                entered.add("second");
                room.leave();
            });
            Player passing = start(() -> {
                if (room.turnstile.tryEnter(new Object())) {
                    entered.add("passing");
                    room.leave();
                }
            });
            room.leave();
            first.finish();
            second.finish();
            passing.finish();
            check(entered.get(0).equals("first"), entered + ", and the first was impatient");
            room.isFree();
        });
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource(names = "FIRST_COME_FIRST_SERVED")
    void who_was_impatient_and_gave_up_stands_in_nobodys_way(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            room.enter();
            together(() -> room.visitWithin(0, NEVER_AGAIN), () -> room.visitWithin(0, NEVER_AGAIN), room::leave);
            room.isFree();
        });
    }

    @ParameterizedTest
    @EnumSource
    void once_it_is_barred_nobody_gets_in(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            together(room::visitIfFree, () -> room.visitWithin(0, NEVER_AGAIN), () -> {
                check(room.turnstile.bar(PAUSE), "it was barred before");
                check(!room.turnstile.tryEnter(new Object()), "somebody gets in, though it is barred");
                check(!room.turnstile.enter(new Object(), 0, NEVER_AGAIN), "somebody waits and gets in");
            });
            check(room.turnstile.occupant() == null, "somebody is inside");
            check(room.turnstile.lift() == PAUSE, "it was not barred any more");
            room.isFree();
        });
    }

    @ParameterizedTest
    @EnumSource
    void who_bars_it_and_comes_aside_is_inside_alone_and_those_who_wait_go_on_then(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            together(room::visit, room::visit, () -> {
                room.turnstile.bar(PAUSE);
                check(room.turnstile.enterAside(new Object(), FOREVER, NEVER_AGAIN), "forever is over");
                room.stay();
                room.turnstile.lift();
            });
            room.wasVisited(3);
            room.isFree();
        });
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void a_bar_that_is_lifted_while_somebody_is_inside_lets_nobody_in_beside(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            room.turnstile.bar(PAUSE);
            together(room::visit, () -> room.turnstile.lift(), () -> {
                if (room.turnstile.tryEnterAside(new Object())) {
                    room.stay();
                }
            });
            room.wasVisited(1);
            room.isFree();
        });
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void who_closes_it_lifts_the_bar_and_all_who_wait_are_told(Order order) {
        tryAll(() -> {
            Room room = new Room(order);
            together(room::visitUnlessClosed, () -> room.turnstile.bar(PAUSE), () -> room.close(FOREVER, true));
            check(room.turnstile.barredFor() == null, "it is barred, and closed");
            room.isShutForEver();
        });
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** Behind a turnstile. Its fields are plain, so that two who are inside together are seen. */
    private static final class Room {
        final Turnstile<Object> turnstile;
        private int inside;
        private int visits;
        private boolean shut;

        Room(Order order) {
            this(order, Integer.MAX_VALUE);
        }

        Room(Order order, int maxWaiting) {
            turnstile = new Turnstile<>(maxWaiting, order.patienceNanos);
        }

        void visit() throws Exception {
            check(visitWithin(FOREVER, NEVER_AGAIN), "forever is over");
        }

        boolean visitWithin(long timeoutNanos, Turnstile.Lookout lookout) throws Exception {
            boolean in = turnstile.enter(new Object(), timeoutNanos, lookout);
            if (in) {
                stay();
            }
            return in;
        }

        /** Comes and waits for no time. */
        void come(AtomicInteger refused) throws Exception {
            try {
                turnstile.enter(new Object(), 0, NEVER_AGAIN);
            } catch (Turnstile.FullException e) {
                refused.incrementAndGet();
            }
        }

        void visitIfFree() {
            if (turnstile.tryEnter(new Object())) {
                stay();
            }
        }

        void visitUnlessClosed() throws Exception {
            try {
                visit();
            } catch (Turnstile.ClosedException e) {
                turnedAway();
            }
        }

        private void stay() {
            check(!shut, "somebody is inside after it was closed");
            inside++;
            check(inside == 1, "two are inside");
            visits++;
            inside--;
            turnstile.leave(turnstile.occupant());
        }

        void enter() {
            check(turnstile.tryEnter(new Object()), "not free at the beginning");
        }

        void leave() {
            turnstile.leave(turnstile.occupant());
        }

        void close(long timeoutNanos, boolean expected) {
            boolean closed = turnstile.close(new Object(), timeoutNanos);
            check(closed == expected, "close said " + closed);
            if (closed) {
                check(inside == 0, "somebody was inside when it was closed");
                shut = true;
            }
        }

        /** Whoever is turned away has not been let in. */
        void turnedAway() {
            check(turnstile.waiting() >= 0, "nobody more could wait");
        }

        void wasVisited(int atLeast) {
            check(visits >= atLeast, visits + " visits");
        }

        void isFree() {
            check(turnstile.waiting() == 0, turnstile.waiting() + " wait");
            check(turnstile.tryEnter(new Object()), "nobody is inside, and nobody gets in");
            check(!turnstile.tryEnter(new Object()), "two get in");
        }

        void isShutForEver() {
            check(turnstile.waiting() == 0, turnstile.waiting() + " wait");
            check(!turnstile.tryEnter(new Object()), "it was closed, and somebody gets in");
        }
    }
}
