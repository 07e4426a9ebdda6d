package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.Elsewhere;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** A call that waits, while nothing runs on the server that could be cancelled, holds up no release. */
@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WaitingCallTest {
    private static final Duration LONGER_THAN_THE_TEST = Duration.ofMinutes(1);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static ManagedConnection.Builder builder() {
        return DB.builder().releaseTimeout(LONGER_THAN_THE_TEST);
    }

    private static PGConnection pg(Lease lease) {
        try {
            return lease.unwrap(PGConnection.class);
        } catch (java.sql.SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static CompletableFuture<String> waitsForNotifications(Lease lease, int timeoutMillis) {
        CompletableFuture<String> waiting =
                Elsewhere.call(() -> state(() -> pg(lease).getNotifications(timeoutMillis)));
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> Elsewhere.isIn("org.postgresql.core.v3.QueryExecutorImpl", "processNotifies"));
        return waiting;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 60_000})
    void a_release_does_not_wait_for_a_notification_and_keeps_the_session(int timeoutMillis) throws Exception {
        ManagedConnection manager = DB.closing(builder().build());
        Lease lease = manager.acquire();
        int before = pid(lease);
        execute(lease, "LISTEN news");
        lease.commit();
        CompletableFuture<String> waiting = waitsForNotifications(lease, timeoutMillis);

        lease.close();

        assertThat(waiting.get()).isEqualTo("08003");
        assertThat(pid(manager)).isEqualTo(before);
    }

    @Test
    void a_lease_that_waits_for_a_notification_is_revoked_at_once() throws Exception {
        ManagedConnection manager =
                DB.closing(builder().maxLease(Duration.ofMillis(1500)).build());
        Lease lease = manager.acquire();
        CompletableFuture<String> waiting = waitsForNotifications(lease, 60_000);

        assertThat(waiting.get()).isEqualTo("08003");
        assertThat(manager.<String, RuntimeException>inTransaction(next -> query(next, "SELECT 1")))
                .isEqualTo("1");
    }

    @Test
    void notifications_are_heard_when_they_come_and_the_timeout_is_kept() throws Exception {
        ManagedConnection manager = DB.closing(builder().autoCommit(true).build());
        try (Lease lease = manager.acquire()) {
            execute(lease, "LISTEN news");
            assertThat(pg(lease).getNotifications()).isEmpty();
            long begun = System.nanoTime();
            assertThat(pg(lease).getNotifications(200)).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(199));
            CompletableFuture<Integer> heard = Elsewhere.call(() -> pg(lease).getNotifications(0).length);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> Elsewhere.isIn("org.postgresql.core.v3.QueryExecutorImpl", "processNotifies"));
            DB.update("NOTIFY news");
            assertThat(heard.get()).isEqualTo(1);
            lease.setAutoCommit(false);
            insert(lease, "a");
            assertThat(pg(lease).getNotifications(60_000))
                    .as("in a transaction none come")
                    .isEmpty();
            lease.rollback();
        }
    }
}
