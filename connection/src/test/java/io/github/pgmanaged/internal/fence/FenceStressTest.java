package io.github.pgmanaged.internal.fence;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.testing.Rounds;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.jdbc.PgConnection;

/** The gate of a lease in many short rounds of real threads. */
class FenceStressTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(20);

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
    void no_call_reaches_the_session_after_the_gate_is_shut_and_drained() throws Exception {
        Rounds.play(Gate::new, Gate::isEmpty, Gate::call, Gate::release);
    }

    @Test
    void neither_does_one_of_many() throws Exception {
        Rounds.play(Gate::new, Gate::isEmpty, Gate::callOften, Gate::call, Gate::release);
    }

    @Test
    void of_all_who_release_exactly_one_has_shut_the_gate() throws Exception {
        Rounds.play(Gate::new, Gate::isEmpty, Gate::call, Gate::release, Gate::release);
    }

    /** The gate, and in place of the session's talk plain fields: the gate alone makes them visible to the release. */
    private static final class Gate {
        private final Fence fence = FenceOf.session(driver);
        private volatile boolean nextLease;
        private volatile int late;
        private int calls;
        private volatile int shutters;

        void call() throws SQLException {
            try {
                fence.run("call", () -> {
                    calls = 1;
                    if (nextLease) {
                        late = 1;
                    }
                });
            } catch (LeaseReleasedException e) {
                assertThat(fence.gate().isShut()).isTrue();
            }
        }

        void callOften() throws SQLException {
            for (int i = 0; i < 5; i++) {
                call();
            }
        }

        @SuppressWarnings("NonAtomicVolatileUpdate")
        void release() {
            if (!fence.gate().shut()) {
                return;
            }
            shutters++; // by one thread alone, or the check after the round fails
            long begun = System.nanoTime();
            assertThat(fence.gate().drain(Deadline.afterNanos(2 * LONG))).isTrue();
            assertThat(System.nanoTime() - begun)
                    .as("a wake-up that never came")
                    .isLessThan(LONG);
            nextLease = true;
            assertThat(calls != 0)
                    .as("a call went through")
                    .isEqualTo(fence.log().isUsed());
        }

        void isEmpty() {
            assertThat(late).as("calls that reached the next lease's session").isZero();
            assertThat(shutters).isEqualTo(1);
            assertThat(fence.gate().isBusy()).isFalse();
            assertThat(fence.gate().shut()).isFalse();
        }
    }
}
