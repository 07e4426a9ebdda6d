package io.github.pgmanaged.internal.fence;

import static io.github.pgmanaged.testing.Schedules.start;
import static io.github.pgmanaged.testing.Schedules.together;
import static io.github.pgmanaged.testing.Schedules.tryAll;

import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.testing.Schedules.Player;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.jdbc.PgConnection;

/**
 * What must never happen at the gate of a lease, under many schedules. (That the last call wakes the release,
 * {@link FenceStressTest} shows.)
 */
class FenceSchedulesTest {
    private static final long NEVER = Long.MAX_VALUE / 4;

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static Connection connection;
    private static PgConnection driver;

    @BeforeAll
    static void connect() throws Exception {
        connection = DB.source().getConnection();
        driver = connection.unwrap(PgConnection.class);
    }

    @AfterAll
    static void disconnect() throws Exception {
        connection.close();
    }

    @Test
    void no_call_reaches_the_session_after_the_gate_is_shut_and_drained() {
        tryAll(() -> {
            Gate gate = new Gate();
            together(gate::call, gate::call, gate::release);
        });
    }

    @Tag("long")
    @Test
    void a_thread_that_calls_again_and_again_is_shut_out_for_good() {
        tryAll(() -> {
            Gate gate = new Gate();
            together(
                    () -> {
                        gate.call();
                        gate.call();
                    },
                    gate::release);
        });
    }

    @Tag("long")
    @Test
    void a_call_that_breaks_off_is_counted_out() {
        tryAll(() -> {
            Gate gate = new Gate();
            together(gate::callThatBreaksOff, gate::call, gate::release);
        });
    }

    @Test
    void of_all_who_release_exactly_one_has_shut_the_gate() {
        tryAll(() -> {
            Gate gate = new Gate();
            boolean[] shut = new boolean[3];
            together(
                    () -> shut[0] = gate.fence.gate().shut(),
                    () -> shut[1] = gate.fence.gate().shut(),
                    () -> shut[2] = gate.fence.gate().shut(),
                    gate::call);
            check((shut[0] ? 1 : 0) + (shut[1] ? 1 : 0) + (shut[2] ? 1 : 0) == 1, "not one of them has shut it");
            check(gate.fence.gate().isShut() && !gate.fence.gate().isBusy(), "shut, and nobody is inside");
        });
    }

    @Tag("long")
    @Test
    void a_release_that_is_interrupted_waits_for_the_last_call_all_the_same() {
        tryAll(() -> {
            Gate gate = new Gate();
            Player call = start(gate::call);
            Player release = start(gate::release);
            release.interrupt();
            call.finish();
            release.finish();
        });
    }

    @Tag("long")
    @Test
    void who_is_shut_out_of_a_lease_that_was_taken_away_is_told_why() {
        tryAll(() -> {
            Gate gate = new Gate();
            together(() -> gate.callOrBeTold("taken away"), () -> gate.callOrBeTold("taken away"), () -> {
                gate.fence.revoke("taken away");
                gate.release();
            });
        });
    }

    @Tag("long")
    @Test
    void whoever_has_drained_it_sees_that_it_was_used() {
        tryAll(() -> {
            Gate gate = new Gate();
            together(gate::call, gate::call, gate::release);
            check(gate.usedWhenDrained == gate.calls > 0, gate.calls + " calls, used: " + gate.usedWhenDrained);
        });
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** The gate, and in place of the session's talk a field that says who uses the session. */
    private static final class Gate {
        final Fence fence = FenceOf.session(driver);
        private final AtomicInteger inside = new AtomicInteger();
        private volatile boolean nextLease;
        volatile int calls;
        volatile boolean usedWhenDrained;

        void call() throws SQLException {
            try {
                fence.run("call", this::useSession);
            } catch (LeaseReleasedException e) {
                check(fence.gate().isShut(), "not let through, and the gate is not shut");
            }
        }

        void callThatBreaksOff() throws SQLException {
            try {
                fence.run("call", () -> {
                    useSession();
                    throw new InternalError("broken off");
                });
            } catch (InternalError e) {
                check(fence.log().worst() == ErrorStanding.FATAL, "broken off, and not noticed");
            } catch (LeaseReleasedException e) {
                check(fence.gate().isShut(), "not let through, and the gate is not shut");
            }
        }

        void callOrBeTold(String reason) throws SQLException {
            try {
                fence.run("call", this::useSession);
            } catch (LeaseReleasedException e) {
                check(reason.equals(e.getMessage()), e.getMessage());
            }
        }

        private void useSession() {
            inside.incrementAndGet();
            check(!nextLease, "a call reached the next lease's session");
            inside.decrementAndGet();
            calls = 1;
        }

        void release() {
            check(fence.gate().shut(), "somebody else has shut it");
            check(!fence.gate().shut(), "shut twice");
            check(fence.gate().drain(new Deadline(System.nanoTime() + NEVER)), "never has come");
            nextLease = true;
            check(inside.get() == 0, "drained, and a call is under way");
            usedWhenDrained = fence.log().isUsed();
        }
    }
}
