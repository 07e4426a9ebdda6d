package io.github.pgmanaged.sabotage;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** No thread can be had, as in a full pid cgroup: sessions are cut, turns end, and the janitor goes on. */
@Timeout(60)
class NoThreadTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** In which some work is done, on a machine that stands still for a second, too. */
    private static final Duration LIMIT = Duration.ofMillis(1500);

    private static Runnable undo;

    @BeforeAll
    static void instrument() {
        undo = Sabotage.install();
    }

    @AfterAll
    static void restore() {
        undo.run();
    }

    @AfterEach
    void feed() {
        Sabotage.starve(false);
    }

    @Test
    void a_lease_is_revoked_and_the_turn_passes_on() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder().maxLease(LIMIT).build());
        for (int round = 0; round < 2; round++) { // the janitor is there for the second one, too
            Lease lease = manager.acquire();
            insert(lease, "never");
            Sabotage.starve(true);
            long revoked = round + 1;
            Awaitility.await().until(() -> manager.stats().revoked() == revoked);
            Awaitility.await().until(() -> DB.sessions() == 0);
            assertThatThrownBy(() -> Elsewhere.call(() -> pid(manager)).get())
                    .as("a session needs a thread to be opened")
                    .hasRootCauseInstanceOf(OutOfMemoryError.class);
            Sabotage.starve(false);
            assertThat(Elsewhere.call(() -> pid(manager)).get()).isPositive();
            assertThatThrownBy(lease::close).hasMessageContaining("maxLease");
        }
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_lease_with_a_call_under_way_is_revoked_without_a_cancel_request() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder().maxLease(LIMIT).build());
        manager.acquire().close();
        CompletableFuture<Void> holder = Elsewhere.run(() -> manager.useConnection(lease -> {
            Sabotage.starve(true);
            query(lease, "SELECT 1 FROM pg_sleep(5)");
        }));
        Awaitility.await().until(() -> manager.stats().revoked() == 1);
        assertThatThrownBy(holder::get).hasRootCauseInstanceOf(java.io.IOException.class);
        Sabotage.starve(false);
        assertThat(pid(manager)).isPositive();
    }

    @Test
    void a_transaction_left_open_is_rolled_back_and_the_session_kept() throws SQLException {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        Sabotage.starve(true);
        Lease lease = manager.acquire();
        insert(lease, "never");
        assertThatThrownBy(lease::close).isInstanceOf(OpenTransactionException.class);
        assertThat(pid(manager)).isEqualTo(before);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void the_manager_closes_its_session() throws SQLException {
        ManagedConnection manager = DB.manager();
        manager.acquire().close();
        Sabotage.starve(true);
        manager.close();
        Awaitility.await().until(() -> DB.sessions() == 0);
    }
}
