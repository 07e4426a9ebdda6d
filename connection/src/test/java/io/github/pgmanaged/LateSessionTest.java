package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Openings that outlast their callers, and openings that call back. */
@Timeout(60)
class LateSessionTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch late = new CountDownLatch(1);

    private ManagedConnection.Builder slow() {
        return ManagedConnection.builder(DataSources.of(() -> {
            begun.countDown();
            awaitLate();
            return DB.source().getConnection();
        }));
    }

    private void awaitLate() {
        try {
            late.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private ManagedConnection lateSession(ManagedConnection.Builder builder) throws Exception {
        ManagedConnection manager = DB.closing(builder.build());
        ManagedDatabase.giveUpOpening(manager, begun);
        late.countDown();
        Awaitility.await().until(() -> manager.stats().opened() == 1);
        return manager;
    }

    @Test
    void a_late_session_is_open_and_counted_like_any_other() throws Exception {
        ManagedConnection manager = lateSession(slow());
        Awaitility.await().until(manager::isOpen); // counted a moment before
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
        assertThat(pid(manager)).isPositive();
        assertThat(manager.stats().opened()).as("one for both").isEqualTo(1);
        manager.reset();
        assertThat(manager.stats().closed()).isEqualTo(1);
    }

    @Test
    void a_late_session_whose_backend_has_ended_meanwhile_is_replaced_unnoticed() throws Exception {
        ManagedConnection manager = lateSession(slow().validateAfterIdle(Duration.ZERO));
        Awaitility.await().until(manager::isOpen); // counted a moment before
        DB.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(pid(manager)).isPositive();
        assertThat(manager.stats().opened()).isEqualTo(2);
    }

    @Test
    void a_late_session_gives_its_slot_back_after_the_idle_timeout() throws Exception {
        ManagedConnection manager = lateSession(slow().idleTimeout(Duration.ofMillis(300)));
        Awaitility.await().until(() -> !manager.isOpen() && DB.sessions() == 0);
    }

    @Test
    void a_late_session_that_comes_while_another_thread_sleeps_until_the_next_attempt_is_that_threads()
            throws Exception {
        AtomicReference<String> server = new AtomicReference<>("there");
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    if (server.get().equals("away")) {
                        throw new SQLException("connection refused", "08001");
                    }
                    if (server.get().equals("slow")) {
                        awaitLate();
                    }
                    return DB.source().getConnection();
                }))
                .acquireTimeout(Duration.ofMillis(100))
                .build());
        manager.open(Duration.ofSeconds(30));
        manager.reset();
        server.set("away");
        for (int i = 0; i < 6; i++) { // the next attempt is half a second away, or more
            assertThat(state(() -> manager.acquire(Duration.ZERO))).isEqualTo("08001");
        }
        server.set("slow");
        assertThatThrownBy(() -> manager.acquire(Duration.ZERO)).isInstanceOf(AcquireTimeoutException.class);
        server.set("there");
        CompletableFuture<Integer> sleeper = Elsewhere.call(() -> {
            try (Lease lease = manager.acquire(Duration.ofSeconds(30))) {
                return pid(lease);
            }
        });
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.session.SessionOpener", "pause")
                        || Elsewhere.isIn("io.github.pgmanaged.internal.session.OpenAttempt", "await"));

        late.countDown();

        assertThat(sleeper).succeedsWithin(Duration.ofSeconds(30));
        assertThat(manager.stats().opened()).isEqualTo(2);
        Awaitility.await("none but this one is left").until(() -> DB.sessions() == 1);
        try (Lease lease = manager.acquire(Duration.ofSeconds(30))) {
            assertThat(pid(lease)).isEqualTo(sleeper.get());
        }
    }

    // --- a server that accepts and says nothing -----------------------------------------------------------------

    private static Set<Thread> openersBut(Set<Thread> others) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("pgmanaged open") && !others.contains(thread))
                .collect(Collectors.toSet());
    }

    @Test
    void openings_that_hang_leave_one_thread_at_most_and_none_after_close() throws Exception {
        Set<Thread> others = openersBut(Set.of()); // of tests before, and about to end
        List<Socket> accepted = new CopyOnWriteArrayList<>();
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> accepting = Elsewhere.run(() -> {
                while (!silent.isClosed()) {
                    accepted.add(silent.accept());
                }
            });
            ManagedConnection manager = DB.closing(ManagedConnection.of(
                    "host=127.0.0.1 dbname=x user=x sslmode=disable port=" + silent.getLocalPort()));
            for (int i = 0; i < 5; i++) {
                assertThat(state(() -> manager.acquire(Duration.ofMillis(50)))).isEqualTo("08001");
            }
            assertThat(openersBut(others)).hasSize(1);
            Awaitility.await().until(() -> !accepted.isEmpty());
            long closing = System.nanoTime();
            manager.close();
            Awaitility.await().until(() -> openersBut(others).isEmpty());
            assertThat(Duration.ofNanos(System.nanoTime() - closing)).isLessThan(Duration.ofSeconds(5));
            silent.close();
            assertThatThrownBy(accepting::get).as("accepting has ended").isNotNull();
            assertThat(accepted).as("connections").hasSize(1);
            for (Socket socket : accepted) {
                while (socket.getInputStream().read() >= 0) {
                    // the startup packet
                }
                socket.close();
            }
        }
    }

    // --- code that calls back -----------------------------------------------------------------------------------

    @Test
    void a_source_that_asks_its_own_manager_is_refused_at_once_however_fast_it_is() {
        for (int i = 0; i < 50; i++) {
            AtomicReference<ManagedConnection> manager = new AtomicReference<>();
            manager.set(DB.closing(
                    ManagedConnection.builder(DataSources.of(() -> manager.get().acquire()))
                            .acquireTimeout(Duration.ofSeconds(30))
                            .build()));
            assertThatThrownBy(() -> manager.get().acquire()).isInstanceOf(ReentrantAcquireException.class);
        }
    }

    @Test
    void a_call_that_the_hook_leaves_under_way_is_waited_for_and_then_costs_the_session() throws SQLException {
        ManagedConnection manager = DB.closing(DB.builder()
                .releaseTimeout(Duration.ofMillis(300))
                .onOpen(lease -> {
                    Elsewhere.run(() -> execute(lease, "SELECT pg_sleep(600)"));
                    DB.awaitWaitingFor("PgSleep");
                })
                .build());
        assertThatThrownBy(manager::acquire).hasMessageContaining("left a call under way");
        DB.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)'"
                + " AND datname = current_database() AND pid <> pg_backend_pid()");
    }

    /** Its initializer waits for a hook that is its own lambda, and so for itself. */
    private static final class Selfish {
        static final Throwable TOLD = catchThrowable(() -> DB.closing(DB.builder()
                        .acquireTimeout(Duration.ofSeconds(3)) // in which the hook begins
                        .onOpen(lease -> query(lease, "SELECT " + number()))
                        .build())
                .acquire());

        private static int number() {
            return 1;
        }
    }

    @Test
    void a_lease_in_a_static_initializer_that_waits_for_itself_names_the_hook() {
        assertThat(Selfish.TOLD)
                .isInstanceOf(AcquireTimeoutException.class)
                .hasMessageContaining("running the onOpen hook")
                .hasMessageContaining("LateSessionTest$Selfish");
    }
}
