package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.copy.CopyIn;
import org.postgresql.jdbc.PgConnection;

/**
 * Who has the driver's own connection, past every fence, may hold its lock for as long as he likes; and no turn waits
 * for longer than its bound.
 */
@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedDriverTest {
    private static final int LONGER_THAN_THE_TEST_MILLIS = 60_000;

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final PgConnection[] raw = new PgConnection[1];

    /** A source that keeps what it gives. */
    private ManagedConnection.Builder keeping() {
        return ManagedConnection.builder(DataSources.of(() -> {
                    Connection connection = DB.pgjdbcSource().getConnection();
                    raw[0] = connection.unwrap(PgConnection.class);
                    return connection;
                }))
                .releaseTimeout(Duration.ofMillis(300))
                .acquireTimeout(Duration.ofSeconds(4));
    }

    /** Another thread takes the driver's lock, and waits for a notification with it. */
    private CompletableFuture<Object> holdsTheLock() {
        PgConnection held = raw[0];
        CompletableFuture<Object> other = Elsewhere.call(() -> {
            try {
                return held.getNotifications(LONGER_THAN_THE_TEST_MILLIS);
            } catch (SQLException e) {
                return e;
            }
        });
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> Elsewhere.isIn("org.postgresql.core.PGStream", "receiveChar")); // it has the lock by then
        return other;
    }

    private void isReleasedInTime(ManagedConnection manager, Action<SQLException> work) throws Exception {
        Lease lease = manager.acquire();
        int before = pid(lease);
        assertThat(query(lease, "SELECT 1")).isEqualTo("1");
        lease.commit();
        work.run(lease);
        CompletableFuture<Object> other = holdsTheLock();

        lease.close();

        assertThat(other.get()).isInstanceOf(SQLException.class);
        assertThat(pid(manager)).isNotEqualTo(before);
    }

    @Test
    void a_release_does_not_wait_for_the_lock_that_the_data_source_holds() throws Exception {
        isReleasedInTime(DB.closing(keeping().build()), lease -> {});
    }

    @Test
    void a_release_does_not_wait_for_the_lock_to_reset_a_setting() throws Exception {
        isReleasedInTime(
                DB.closing(keeping().build()),
                lease -> lease.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE));
    }

    @Test
    void a_release_does_not_wait_for_the_lock_that_a_thread_of_the_hook_holds() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder()
                .releaseTimeout(Duration.ofMillis(300))
                .onOpen(lease -> raw[0] = lease.unwrap(PgConnection.class))
                .build());
        isReleasedInTime(manager, lease -> {});
    }

    /** The driver lets no other call through, and cutting the session does not change that. */
    @Test
    void a_release_does_not_wait_for_a_copy_of_the_data_sources_to_reset_a_setting() throws Exception {
        ManagedConnection manager = DB.closing(keeping().autoCommit(true).build());
        Lease lease = manager.acquire();
        int before = pid(lease);
        lease.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        CopyIn copy = raw[0].getCopyAPI().copyIn("COPY example FROM STDIN");

        lease.close();

        assertThat(copy.isActive()).isTrue();
        assertThat(pid(manager)).isNotEqualTo(before);
    }

    @Test
    void a_validation_does_not_wait_for_a_copy_of_the_data_sources() throws Exception {
        ManagedConnection manager = DB.closing(
                keeping().autoCommit(true).validateAfterIdle(Duration.ZERO).build());
        int before = pid(manager);
        CopyIn copy = raw[0].getCopyAPI().copyIn("COPY example FROM STDIN");

        assertThat(pid(manager)).isNotEqualTo(before);
        assertThat(copy.isActive()).isTrue();
    }
}
