package io.github.pgmanaged.internal.lease;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.testing.Elsewhere;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What only shows with a clock of the tests' own, which is read as a lease begins, and as it ends. */
@Timeout(120)
class LeasingTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final Runnable NOTHING = () -> {};

    private final AtomicLong wallMillis = new AtomicLong(1_000_000);
    private final AtomicReference<Runnable> atLook = new AtomicReference<>(NOTHING);

    private final InstantSource clock = () -> {
        atLook.get().run();
        return Instant.ofEpochMilli(wallMillis.get());
    };

    private Leasing leasing(Consumer<Options.Draft> options) {
        Options.Draft draft = new Options.Draft("test", DB.source());
        draft.wallClock = clock;
        options.accept(draft);
        Leasing leasing = new Leasing(new Options(draft));
        DB.closing(leasing::close);
        return leasing;
    }

    private static Lease acquire(Leasing leasing) throws Exception {
        return leasing.acquire(Duration.ofSeconds(30), false);
    }

    private static int pidOfNext(Leasing leasing) throws Exception {
        try (Lease lease = acquire(leasing)) {
            int pid = pid(lease);
            lease.rollback();
            return pid;
        }
    }

    @Test
    void close_that_has_stopped_waiting_leaves_no_lease_to_a_thread_that_is_just_beginning_one() throws Exception {
        Leasing leasing = leasing(options -> options.releaseTimeout = Duration.ofMillis(200));
        pidOfNext(leasing);
        CountDownLatch beginning = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        atLook.set(() -> {
            beginning.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        CompletableFuture<String> told = Elsewhere.call(() -> state(() -> acquire(leasing)));
        beginning.await();
        leasing.close();
        atLook.set(NOTHING);
        goOn.countDown();
        assertThat(told.get()).isEqualTo("08003");
        Awaitility.await().until(() -> DB.sessions() == 0);
    }

    @Test
    void a_release_that_breaks_off_costs_the_session_and_gives_the_turn_back() throws Exception {
        IllegalStateException boom = new IllegalStateException("boom");
        Leasing leasing = leasing(options -> {});
        Lease lease = acquire(leasing);
        int before = pid(lease);
        insert(lease, "a");
        atLook.set(() -> {
            throw boom;
        });
        assertThatThrownBy(lease::close).isSameAs(boom);
        atLook.set(NOTHING);
        assertThat(pidOfNext(leasing)).isNotEqualTo(before);
        assertThat(DB.rows()).isZero();
        assertThat(leasing.counts().closed).isEqualTo(1);
    }

    @Test
    void a_session_is_validated_after_the_machine_was_frozen_while_its_monotonic_clock_stood_still() throws Exception {
        Leasing leasing = leasing(options -> options.validateAfterIdle = Duration.ofMinutes(10));
        int before = pidOfNext(leasing);
        DB.kill(before);
        assertThat(DB.sessions()).isZero();
        wallMillis.addAndGet(Duration.ofMinutes(11).toMillis());
        assertThat(pidOfNext(leasing)).isNotEqualTo(before);
        assertThat(leasing.counts().validationFailures).isEqualTo(1);
    }

    @Test
    void a_wall_clock_that_is_set_back_costs_nothing() throws Exception {
        Leasing leasing = leasing(options -> {
            options.validateAfterIdle = Duration.ofMinutes(10);
            options.maxLifetime = Duration.ofMinutes(10);
        });
        int before = pidOfNext(leasing);
        wallMillis.addAndGet(-Duration.ofDays(1).toMillis());
        assertThat(pidOfNext(leasing)).isEqualTo(before);
    }

    @Test
    void a_session_whose_lifetime_passed_while_the_machine_was_frozen_is_replaced() throws Exception {
        Leasing leasing = leasing(options -> options.maxLifetime = Duration.ofHours(1));
        int before = pidOfNext(leasing);
        wallMillis.addAndGet(Duration.ofMinutes(61).toMillis());
        assertThat(pidOfNext(leasing)).isNotEqualTo(before);
    }

    @Test
    void leases_that_say_nothing_to_the_server_do_not_vouch_for_the_session() throws Exception {
        Leasing leasing = leasing(options -> options.validateAfterIdle = Duration.ofMinutes(10));
        int before = pidOfNext(leasing);
        DB.kill(before);
        for (int minute = 0; minute < 9; minute++) {
            wallMillis.addAndGet(Duration.ofMinutes(1).toMillis());
            acquire(leasing).close();
            try (Lease lease = acquire(leasing)) {
                lease.createStatement().close();
            }
        }
        wallMillis.addAndGet(Duration.ofMinutes(1).toMillis());
        try (Lease lease = acquire(leasing)) {
            assertThat(query(lease, "SELECT 1")).isEqualTo("1");
            lease.rollback();
        }
        assertThat(leasing.counts().validationFailures).isEqualTo(1);
    }
}
