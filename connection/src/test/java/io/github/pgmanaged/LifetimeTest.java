package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A session lives for as long as it may, and no longer. */
@Timeout(60)
class LifetimeTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @Test
    void a_session_that_has_lived_long_enough_is_closed_at_the_release_and_not_before() throws SQLException {
        ManagedConnection manager =
                DB.closing(DB.builder().maxLifetime(Duration.ofNanos(1)).build());
        try (Lease lease = manager.acquire()) {
            insert(lease, "a");
            lease.commit();
        }
        assertThat(manager.isOpen()).isFalse();
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(pid(manager)).isNotEqualTo(pid(manager));
    }

    @Test
    void a_session_that_has_grown_old_while_idle_is_replaced_at_the_entry() throws SQLException {
        ManagedConnection manager = DB.closing(DB.builder()
                .maxLifetime(Duration.ofMillis(1500)) // in which the second one is not over at its release
                .validateAfterIdle(Duration.ofDays(1))
                .build());
        int before = pid(manager);
        Awaitility.await().pollDelay(Duration.ofMillis(1510)).until(() -> true);
        assertThat(pid(manager)).isNotEqualTo(before);
        assertThat(manager.stats().closed()).isEqualTo(1);
    }

    @Test
    void an_idle_session_gives_its_slot_back_and_the_next_lease_opens_another() throws SQLException {
        ManagedConnection manager =
                DB.closing(DB.builder().idleTimeout(Duration.ofMillis(200)).build());
        int before = pid(manager);
        Awaitility.await().until(() -> DB.sessions() == 0);
        assertThat(manager.isOpen()).isFalse();
        assertThat(manager.status()).isEqualTo(TransactionStatus.CLOSED);
        assertThat(pid(manager)).isNotEqualTo(before);
        assertThat(manager.stats().opened()).isEqualTo(2);
    }

    @Test
    void a_session_that_is_in_use_is_not_idle() throws SQLException {
        ManagedConnection manager =
                DB.closing(DB.builder().idleTimeout(Duration.ofMillis(100)).build());
        try (Lease lease = manager.acquire()) {
            int before = pid(lease);
            Awaitility.await().pollDelay(Duration.ofMillis(500)).until(() -> true);
            assertThat(pid(lease)).isEqualTo(before);
            insert(lease, "a");
            lease.commit();
        }
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void the_janitor_ends_with_the_manager_and_does_not_keep_a_forgotten_one_alive() throws SQLException {
        Set<Thread> others = janitorsBut(Set.of()); // of tests before, and about to end
        ManagedConnection manager = ManagedConnection.builder(DB.conninfo())
                .idleTimeout(Duration.ofDays(1))
                .build();
        assertThat(janitorsBut(others)).as("nothing can be due").isEmpty();
        manager.acquire().close();
        assertThat(janitorsBut(others)).hasSize(1);
        manager.close();
        Awaitility.await().until(() -> janitorsBut(others).isEmpty());

        forgetOne(others);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return janitorsBut(others).isEmpty();
        });
    }

    @Test
    void without_these_options_there_is_no_thread() throws SQLException {
        Set<Thread> others = janitorsBut(Set.of()); // of tests before, and about to end
        assertThat(pid(DB.manager())).isPositive();
        assertThat(janitorsBut(others)).isEmpty();
    }

    private static void forgetOne(Set<Thread> others) throws SQLException {
        ManagedConnection forgotten = ManagedConnection.builder(DB.conninfo())
                .idleTimeout(Duration.ofMillis(100))
                .build();
        forgotten.acquire().close();
        assertThat(janitorsBut(others)).hasSize(1);
        Reference.reachabilityFence(forgotten); // until then it is not forgotten
    }

    private static Set<Thread> janitorsBut(Set<Thread> others) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("pgmanaged janitor") && !others.contains(thread))
                .collect(Collectors.toSet());
    }
}
