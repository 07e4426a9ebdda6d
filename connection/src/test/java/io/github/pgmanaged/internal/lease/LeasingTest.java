package io.github.pgmanaged.internal.lease;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
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
import org.postgresql.ds.PGSimpleDataSource;

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
        Leasing leasing = leasing(options -> {
            options.releaseTimeout = Duration.ofMillis(200);
            options.idleTimeout = Duration.ofDays(1);
        });
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
        Leasing leasing = leasing(options -> options.idleTimeout = Duration.ofDays(1));
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
        Awaitility.await("those of tests before have ended").until(() -> DB.sessions() == 0);
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

    // --- openings that are slow, with a patience of the tests' own ------------------------------------------------

    /** A session, by callers that each have less time than it takes. */
    private static int pidOfImpatientCallers(Leasing leasing) throws Exception {
        int[] pid = new int[1];
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            try (Lease lease = leasing.acquire(Duration.ofMillis(100), false)) {
                pid[0] = pid(lease);
                lease.rollback();
                return true;
            } catch (AcquireTimeoutException e) {
                return false;
            }
        });
        return pid[0];
    }

    @Test
    void a_silent_server_before_a_good_one_does_not_keep_impatient_callers_from_a_session_for_ever() throws Exception {
        PGSimpleDataSource server = DB.pgjdbcSource();
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String conninfo = "host=127.0.0.1," + server.getServerNames()[0] + " port=" + silent.getLocalPort() + ","
                    + server.getPortNumbers()[0] + " dbname=" + server.getDatabaseName() + " user=" + server.getUser()
                    + (server.getPassword() == null ? "" : " password=" + server.getPassword());
            Options.Draft draft = new Options.Draft("test", new LibpqDataSource(conninfo));
            draft.openingStall = Duration.ofMillis(300);
            Leasing leasing = new Leasing(new Options(draft));
            DB.closing(leasing::close);
            assertThat(pidOfImpatientCallers(leasing)).isPositive();
            assertThat(leasing.counts().opened).isEqualTo(1);
        }
    }

    @Test
    void a_server_that_says_nothing_is_named_with_what_bounds_the_wait_for_it() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Options.Draft draft = new Options.Draft(
                    "test",
                    new LibpqDataSource("host=127.0.0.1 port=" + silent.getLocalPort() + " user=me sslmode=disable"));
            draft.openingStall = Duration.ofMillis(300);
            Leasing leasing = new Leasing(new Options(draft));
            DB.closing(leasing::close);
            // In which the attempt has come to the server.
            assertThatThrownBy(() -> leasing.acquire(Duration.ofMillis(1500), false))
                    .isInstanceOf(AcquireTimeoutException.class)
                    .hasMessageContaining("No thread holds it, but the session was still being opened: thread \"")
                    .hasMessageContaining("has been getting a connection from the data source for ")
                    .hasMessageNotContaining("java.base@")
                    .hasMessageContaining("Raise acquireTimeout, or set connect_timeout");
            Awaitility.await()
                    .untilAsserted(() -> assertThatThrownBy(() -> leasing.acquire(Duration.ofSeconds(1), false))
                            .hasMessageContaining("said nothing for so long that it was given up; set connect_timeout"
                                    + " to bound the attempts: "));
        }
    }

    @Test
    void a_slow_hook_does_not_keep_impatient_callers_from_a_session_for_ever() throws Exception {
        Leasing leasing = leasing(options -> {
            options.openingStall = Duration.ofMillis(50);
            options.onOpen = lease -> ManagedDatabase.execute(lease, "SELECT pg_sleep(1)");
        });
        assertThat(pidOfImpatientCallers(leasing)).isPositive();
    }

    @Test
    void what_became_of_a_commit_is_asked_within_one_deadline() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        Options.Draft draft = new Options.Draft("test", proxy.source());
        draft.verifyCommits = true;
        draft.validateAfterIdle = Duration.ofDays(1);
        draft.acquireTimeout = Duration.ofSeconds(1);
        Leasing leasing = new Leasing(new Options(draft));
        DB.closing(leasing::close);
        pidOfNext(leasing);
        proxy.goDeaf(); // the lease is there at once, and then the server says nothing
        long begun = System.nanoTime();
        assertThatThrownBy(() -> leasing.outcomeOf(
                        new CommitOutcomeUnknownException("test", "1", "1 2", new SQLException("lost", "08006"))))
                .isInstanceOf(SQLException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }
}
