package io.github.pgmanaged.sabotage;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.testing.Elsewhere;
import java.io.InputStream;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where one step fails for want of memory or stack, so do the next ones: Errors strike several steps in a row, those
 * that clear up after the first among them. The session that the next lease gets is as good as new all the same.
 */
@Tag("sabotage")
@Timeout(600)
class ErrorBurstTest {
    private static final int EACH = Integer.getInteger("pgmanaged.sabotage.each", 61);

    /** More steps than a failure takes to be judged. */
    private static final int JUDGING = 40;

    private static final Duration BOUND = Duration.ofSeconds(10);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static Runnable undo;

    @BeforeAll
    static void instrument() {
        undo = Sabotage.install();
    }

    @AfterAll
    static void restore() {
        Sabotage.disarm();
        undo.run();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 9, 17})
    void the_next_lease_finds_nothing_of_one_whose_release_broke_off_again_and_again(int strikes) throws Exception {
        int steps = play(Integer.MAX_VALUE - strikes, strikes);
        List<String> failures = new ArrayList<>();
        for (int step = 1; step <= steps; step += EACH) {
            try {
                play(step, strikes);
            } catch (AssertionError e) {
                failures.add("from step " + step + " on, " + Sabotage.struck() + ": " + e.getMessage());
            }
        }
        assertThat(failures).isEmpty();
    }

    /**
     * A stream of the application's breaks off what the driver sends, and then Errors strike where that is judged. The
     * first step is the one into the judgement: it needs less than the driver had.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void a_session_in_the_middle_of_a_message_is_given_to_nobody_though_that_could_not_be_noted(int strikes)
            throws Exception {
        int steps = breakOff(Integer.MAX_VALUE - strikes, strikes);
        assertThat(steps).isGreaterThan(2);
        List<String> failures = new ArrayList<>();
        for (int step = 2; step <= steps; step += step < JUDGING ? 1 : EACH) {
            try {
                breakOff(step, strikes);
            } catch (AssertionError | ConditionTimeoutException e) {
                failures.add("from step " + step + " on, " + Sabotage.struck() + ": " + e.getMessage());
            }
        }
        assertThat(failures).isEmpty();
    }

    private static int breakOff(int strikeAt, int strikes) throws Exception {
        InputStream breaking = new InputStream() {
            private int read;

            @Override
            public int read() {
                if (read++ == 10) {
                    Sabotage.arm(strikeAt, strikes, () -> new OutOfMemoryError("none is left"));
                    throw new IllegalStateException("boom");
                }
                return 'x';
            }
        };
        int steps;
        ManagedConnection manager =
                DB.builder().releaseTimeout(Duration.ofSeconds(1)).build();
        try (manager) {
            int before = pid(manager);
            try (Lease lease = manager.acquire();
                    PreparedStatement insert = lease.prepareStatement("SELECT length(?::bytea)")) {
                insert.setBinaryStream(1, breaking, 1000);
                insert.executeQuery();
            } catch (Error | RuntimeException | SQLException struck) {
                assertThat(struck).isNotInstanceOf(AssertionError.class);
            } finally {
                steps = Sabotage.disarm();
            }
            assertThat(next(manager)).isEqualTo("false, 4MB");
            assertThat(pid(manager)).isNotEqualTo(before);
            return steps;
        }
    }

    private static int play(int strikeAt, int strikes) throws Exception {
        int steps;
        ManagedConnection manager =
                DB.builder().releaseTimeout(Duration.ofSeconds(1)).build();
        try (manager) {
            manager.acquire().close();
            Sabotage.arm(strikeAt, strikes, () -> new OutOfMemoryError("none is left"));
            try (Lease lease = manager.acquire()) {
                lease.setReadOnly(true);
                execute(lease, "SET work_mem = '5MB'");
                lease.commit();
            } catch (Error | SQLException struck) {
                assertThat(struck).isNotInstanceOf(AssertionError.class);
            } finally {
                steps = Sabotage.disarm();
            }
            assertThat(next(manager)).isEqualTo("false, 4MB");
            return steps;
        }
    }

    /** If need be the garbage collector helps, as in a process that does something. */
    private static String next(ManagedConnection manager) throws Exception {
        CompletableFuture<String> next = Elsewhere.call(() -> {
            try (Lease lease = manager.acquire()) {
                String found = lease.isReadOnly() + ", " + query(lease, "SHOW work_mem");
                lease.rollback();
                return found;
            }
        });
        Awaitility.await("the next lease").atMost(BOUND).until(() -> {
            if (!next.isDone()) {
                System.gc();
            }
            return next.isDone();
        });
        return next.get(1, TimeUnit.SECONDS);
    }
}
