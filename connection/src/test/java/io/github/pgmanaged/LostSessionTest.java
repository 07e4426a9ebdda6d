package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.testing.Elsewhere;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.jdbc.PgConnection;

/** Once its session is lost, a lease keeps nobody out: its turn passes on, and it says at its release what was lost. */
@Timeout(60)
class LostSessionTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager =
            DB.closing(DB.builder().acquireTimeout(Duration.ofSeconds(20)).build());

    /** A lease whose session has just been found dead, with a row that was not committed. */
    private Lease deadLease() throws SQLException {
        Lease lease = manager.acquire();
        insert(lease, "lost");
        DB.kill(pid(lease));
        assertThat(state(() -> query(lease, "SELECT 1"))).isEqualTo("57P01");
        assertThat(lease.isClosed()).isTrue();
        return lease;
    }

    @Test
    void the_same_thread_gets_another_lease_with_the_dead_one_in_hand() throws SQLException {
        Lease dead = deadLease();
        try (Lease next = manager.acquire()) {
            insert(next, "a");
            next.commit();
            assertThat(state(dead::createStatement)).isEqualTo("08003");
            assertThatThrownBy(dead::close).hasMessageContaining("was lost while the lease was held");
            dead.close();
            assertThat(query(next, "SELECT 1"))
                    .as("untouched by the late close()")
                    .isEqualTo("1");
            next.rollback();
        }
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(manager.stats().closed()).isEqualTo(1);
    }

    @Test
    void a_waiting_thread_gets_its_turn_at_once() throws Exception {
        Lease lease = manager.acquire();
        insert(lease, "lost");
        CompletableFuture<Integer> waiter = Elsewhere.call(() -> pid(manager));
        Awaitility.await().until(() -> manager.stats().waiting() == 1);
        int before = pid(lease);
        DB.kill(before);
        assertThat(state(() -> query(lease, "SELECT 1"))).isEqualTo("57P01");
        assertThat(waiter.get()).isNotEqualTo(before);
        assertThat(state(lease::close)).isEqualTo("57P01");
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_lease_that_had_nothing_to_lose_is_closed_in_silence() throws SQLException {
        Lease lease = manager.acquire();
        lease.unwrap(PgConnection.class).close();
        try (Lease next = manager.acquire()) {
            assertThat(query(next, "SELECT 1")).isEqualTo("1");
            next.rollback();
        }
        lease.close();
    }

    @Test
    void a_session_that_ends_past_the_lease_is_noticed_by_who_waits() throws Exception {
        Lease lease = manager.acquire();
        PgConnection raw = lease.unwrap(PgConnection.class);
        CompletableFuture<Integer> waiter = Elsewhere.call(() -> pid(manager));
        Awaitility.await().until(() -> manager.stats().waiting() == 1);
        raw.close();
        assertThat(waiter.get()).isPositive();
        lease.close();
    }

    @Test
    void what_the_work_throws_of_the_loss_is_not_hidden_and_not_said_twice() throws SQLException {
        SQLException[] seen = new SQLException[1];
        assertThatThrownBy(() -> manager.useConnection(lease -> {
                    insert(lease, "lost");
                    DB.kill(pid(lease));
                    try {
                        query(lease, "SELECT 1");
                    } catch (SQLException e) {
                        seen[0] = e;
                        throw e;
                    }
                }))
                .isSameAs(seen[0])
                .hasNoSuppressedExceptions();
    }

    @Test
    void a_lost_lease_can_be_aborted_like_any() throws SQLException {
        Lease dead = deadLease();
        dead.abort(Runnable::run);
        dead.abort(Runnable::run);
        dead.close();
    }

    /** As a job store does whose COMMIT fails: it asks for another connection to note the failure. */
    @Test
    void a_job_store_that_asks_for_a_second_connection_with_the_dead_one_in_hand_runs_its_jobs() throws SQLException {
        int done = 0;
        for (int job = 0; job < 20; job++) {
            try (Connection connection = manager.asDataSource().getConnection()) {
                connection.setAutoCommit(false);
                insert(connection, "job " + job);
                if (job % 3 == 0) {
                    DB.kill(pid(connection));
                }
                connection.commit();
                done++;
            } catch (SQLException failed) {
                try (Connection second = manager.asDataSource().getConnection()) {
                    execute(second, "INSERT INTO example VALUES ('failed " + job + "')");
                    done++;
                }
            }
        }
        assertThat(done).isEqualTo(20);
        assertThat(DB.rows()).isEqualTo(20);
    }
}
