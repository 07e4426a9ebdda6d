package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PgConnection;

/** A server that answers nothing any more holds nobody up for longer than it may. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // an interrupt ends no read
class FrozenServerTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private DeafProxy proxy;
    private ManagedConnection manager;

    @BeforeEach
    void putTheProxyBetween() throws Exception {
        proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        manager = DB.closing(ManagedConnection.builder(proxy.source())
                .releaseTimeout(Duration.ofMillis(300))
                .validateAfterIdle(Duration.ofDays(1))
                .build());
    }

    @Test
    void a_rollback_at_release_ends_with_the_release_timeout() throws SQLException {
        Lease lease = manager.acquire();
        int before = pid(lease);
        insert(lease, "a");
        proxy.goDeaf();

        assertThatThrownBy(lease::close)
                .isInstanceOf(SQLNonTransientConnectionException.class)
                .hasMessageContaining("ROLLBACK failed")
                .hasMessageContaining("next lease opens a new session");

        assertThat(manager.isOpen()).isFalse();
        DB.kill(before); // or its lock would hold the next test up; a real server notices by itself
        assertThat(pid(manager)).isNotEqualTo(before);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void the_works_own_exception_passes_and_ours_is_suppressed() throws SQLException {
        IllegalStateException boom = new IllegalStateException("boom");
        int[] before = new int[1];
        assertThatThrownBy(() -> manager.useConnection(lease -> {
                    before[0] = pid(lease);
                    insert(lease, "a");
                    proxy.goDeaf();
                    throw boom;
                }))
                .isSameAs(boom)
                .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("ROLLBACK failed"));
        DB.kill(before[0]);
    }

    @Test
    void settings_that_cannot_be_restored_cost_the_session_and_the_holder_nothing() throws SQLException {
        Lease lease = manager.acquire();
        lease.setSchema("pg_catalog");
        lease.commit();
        proxy.goDeaf();
        lease.close();
        assertThat(manager.isOpen()).isFalse();
        assertThat(pid(manager)).isPositive();
    }

    @Test
    void a_call_of_another_thread_that_never_returns_is_cut_off() throws Exception {
        Lease lease = manager.acquire();
        insert(lease, "a");
        int before = pid(lease);
        proxy.goDeaf();
        CompletableFuture<Throwable> other = Elsewhere.call(() -> catchThrowable(() -> execute(lease, "SELECT 1")));
        awaitCall(manager, "SELECT 1");

        assertThatThrownBy(lease::close).hasMessageContaining("did not end within the releaseTimeout of 300 ms");

        assertThat(other.get()).isInstanceOf(SQLException.class);
        DB.kill(before);
    }

    @Test
    void a_validation_without_an_answer_ends_and_a_new_session_is_opened() throws SQLException {
        try (ManagedConnection validating = ManagedConnection.builder(proxy.source())
                .validateAfterIdle(Duration.ZERO)
                .acquireTimeout(Duration.ofSeconds(4)) // half of it for the validation
                .build()) {
            int before = pid(validating);
            proxy.goDeaf();
            assertThat(pid(validating)).isNotEqualTo(before);
        }
    }

    @Test
    void closing_the_manager_does_not_wait_for_an_answer() throws SQLException {
        int before = pid(manager);
        proxy.goDeaf();
        manager.close();
        assertThat(manager.isOpen()).isFalse();
        assertThat(before).isPositive();
    }

    @Test
    void a_server_that_says_a_byte_now_and_then_does_not_stretch_a_rollback() throws SQLException {
        Lease lease = manager.acquire();
        execute(lease, "LISTEN talk");
        lease.commit();
        insert(lease, "a");
        proxy.drip();
        DB.update("NOTIFY talk, '" + "x".repeat(7_000) + "'"); // the answer would take minutes

        assertThatThrownBy(lease::close)
                .hasMessageContaining("ROLLBACK failed")
                .hasMessageContaining("did not finish its answer within");

        assertThat(manager.isOpen()).isFalse();
    }

    @Test
    void a_server_that_says_a_byte_now_and_then_does_not_stretch_the_restoring_of_settings() throws SQLException {
        Lease lease = manager.acquire();
        lease.setSchema("pg_catalog");
        lease.commit();
        proxy.drip();
        try (LogCapture log = new LogCapture()) {
            lease.close();
            assertThat(log.at(Level.WARN))
                    .singleElement()
                    .satisfies(e -> assertThat(e.getFormattedMessage()).contains("did not finish its answer within"));
        }
        assertThat(manager.isOpen()).isFalse();
    }

    @Test
    void a_server_that_says_a_byte_now_and_then_is_not_validated_for_longer_than_half_the_time_there_is()
            throws SQLException {
        ManagedConnection wary = DB.closing(ManagedConnection.builder(proxy.source())
                .validateAfterIdle(Duration.ZERO)
                .build());
        wary.useConnection(lease -> {});
        proxy.drip();
        assertThatThrownBy(() -> wary.acquire(Duration.ofSeconds(1))) // to open anew takes far longer, too
                .isInstanceOf(AcquireTimeoutException.class);
        assertThat(wary.isOpen()).as("the old session was given up").isFalse();
    }

    @Test
    void a_release_ends_though_a_thread_with_the_drivers_own_connection_cannot_get_rid_of_what_it_writes()
            throws Exception {
        Lease lease = manager.acquire();
        PgConnection raw = lease.unwrap(PgConnection.class);
        proxy.goDeaf();
        CompletableFuture<Throwable> writing =
                Elsewhere.call(() -> catchThrowable(() -> execute(raw, "SELECT '" + "x".repeat(50_000_000) + "'")));
        Awaitility.await().until(Elsewhere::isWriting);

        lease.close();

        assertThat(manager.isOpen()).isFalse();
        assertThat(pid(manager)).as("the turn was given back").isPositive();
        proxy.close();
        assertThat(writing.get()).isInstanceOf(SQLException.class);
    }

    /** Until a statement has passed the gate; a call is under way before, which makes the statement. */
    private static void awaitCall(ManagedConnection manager, String sql) {
        Awaitility.await()
                .until(() ->
                        manager.holder().flatMap(Holder::statement).orElse("").equals(sql));
    }

    /** A release that is under way: it waits for the answer to its ROLLBACK, for as long as it may. */
    private CompletableFuture<Throwable> closing(Lease lease) {
        CompletableFuture<Throwable> closing = Elsewhere.call(() -> catchThrowable(lease::close));
        Awaitility.await().until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.session.Session", "rollBack"));
        return closing;
    }

    private ManagedConnection.Builder slowToRelease() throws SQLException {
        return ManagedConnection.builder(proxy.source()).releaseTimeout(Duration.ofSeconds(3));
    }

    @Test
    void a_lease_that_is_being_released_is_not_released_by_another_thread_as_well() throws Exception {
        ManagedConnection slow = DB.closing(slowToRelease().build());
        Lease lease = slow.acquire();
        insert(lease, "a");
        proxy.goDeaf();
        CompletableFuture<Throwable> closing = closing(lease);

        lease.close();

        assertThat(closing).as("the one who was first goes on").isNotDone();
        assertThat(slow.tryAcquire()).as("and keeps the turn").isEmpty();
        assertThat(closing.get()).hasMessageContaining("ROLLBACK failed");
        assertThat(slow.stats().closed()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_lease_that_is_revoked_in_its_commit_says_that_the_outcome_is_unknown(boolean lambda) throws Exception {
        ManagedConnection slow = DB.closing(slowToRelease()
                .releaseTimeout(Duration.ofMillis(300))
                .maxLease(Duration.ofSeconds(2))
                .build());
        if (lambda) {
            Throwable told = catchThrowable(() -> slow.useTransaction(lease -> {
                insert(lease, "a");
                proxy.goDeaf();
            }));
            assertThat(told).isInstanceOf(CommitOutcomeUnknownException.class).hasNoSuppressedExceptions();
        } else {
            Lease lease = slow.acquire();
            insert(lease, "a");
            proxy.goDeaf();
            assertThatThrownBy(lease::commit).isInstanceOf(CommitOutcomeUnknownException.class);
            assertThatThrownBy(lease::close)
                    .isInstanceOf(CommitOutcomeUnknownException.class)
                    .hasNoCause();
            lease.close();
        }
        assertThat(slow.stats().revoked()).isEqualTo(1);
        assertThat(slow.stats().commitsUnknown()).isEqualTo(1);
    }

    @Tag("long")
    @Test
    void a_lease_that_is_being_released_is_not_revoked() throws Exception {
        ManagedConnection slow =
                DB.closing(slowToRelease().maxLease(Duration.ofSeconds(2)).build());
        Lease lease = slow.acquire();
        insert(lease, "a");
        proxy.goDeaf();
        assertThat(closing(lease).get()).hasMessageContaining("ROLLBACK failed");
        assertThat(slow.stats().revoked()).isZero();
    }

    @Tag("long")
    @Test
    void an_interrupt_does_not_shorten_a_release_and_is_kept() throws Exception {
        ManagedConnection slow = DB.closing(slowToRelease().build());
        Lease lease = slow.acquire();
        query(lease, "SELECT 1");
        proxy.refuseToListen(); // the cancel request hangs
        CompletableFuture<Throwable> other =
                Elsewhere.call(() -> catchThrowable(() -> execute(lease, "SELECT pg_sleep(600)")));
        awaitCall(slow, "SELECT pg_sleep(600)");
        Thread[] releasing = new Thread[1];
        CompletableFuture<Boolean> kept = Elsewhere.call(() -> {
            releasing[0] = Thread.currentThread();
            long begun = System.nanoTime();
            assertThatThrownBy(lease::close).hasMessageContaining("did not end within the releaseTimeout");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofSeconds(3));
            return Thread.currentThread().isInterrupted();
        });
        Awaitility.await().until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.time.BoundedCall", "run"));
        releasing[0].interrupt();
        assertThat(kept.get()).isTrue();
        assertThat(other.get()).isInstanceOf(SQLException.class);
    }

    @Test
    void a_copy_that_was_left_under_way_is_not_cancelled_for_longer_than_the_release_timeout() throws SQLException {
        Lease lease = manager.acquire();
        lease.unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY (SELECT generate_series(1, 10)) TO STDOUT")
                .readFromCopy();
        proxy.refuseToListen(); // the cancel request hangs
        assertThatThrownBy(lease::close).hasMessageContaining("no answer within the releaseTimeout of 300 ms");
        assertThat(manager.isOpen()).isFalse();
    }

    @Test
    void a_session_that_close_cuts_off_in_the_middle_of_a_release_is_counted_once() throws Exception {
        ManagedConnection slow = slowToRelease().build();
        Lease lease = slow.acquire();
        insert(lease, "a");
        int pid = pid(lease);
        proxy.goDeaf();
        CompletableFuture<Throwable> closing = closing(lease);
        Elsewhere.run(() -> {
                    Thread.currentThread().interrupt(); // so that close() does not wait
                    slow.close();
                })
                .get();
        assertThat(slow.isOpen()).isFalse();
        assertThat(closing.get()).hasMessageContaining("ROLLBACK failed");
        assertThat(slow.stats().closed()).isEqualTo(1);
        DB.kill(pid);
    }

    @Test
    void a_cancel_request_that_is_still_on_its_way_costs_the_session_though_the_call_has_ended() throws Exception {
        ManagedConnection slow = DB.closing(slowToRelease().build());
        Lease lease = slow.acquire();
        execute(DB.admin(), "SELECT pg_advisory_lock(4711)");
        proxy.refuseToListen(); // the cancel request hangs, and would hit the next lease
        CompletableFuture<Void> other = Elsewhere.run(() -> execute(lease, "SELECT pg_advisory_xact_lock(4711)"));
        DB.awaitWaitingFor("advisory");
        CompletableFuture<Throwable> closing = Elsewhere.call(() -> catchThrowable(lease::close));
        Awaitility.await().until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.time.BoundedCall", "run"));
        execute(DB.admin(), "SELECT pg_advisory_unlock(4711)");
        other.get();
        assertThat(closing.get()).hasMessageContaining("did not end within the releaseTimeout");
        assertThat(slow.isOpen()).isFalse();
    }
}
