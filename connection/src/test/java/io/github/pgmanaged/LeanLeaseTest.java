package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.DeafProxy;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a lease costs that nobody waits for, in what can be counted on any machine: bytes and round trips. (Wake-ups are
 * counted by {@code TurnstileWakeUpTest}.) A figure that goes up is to be a decision; lower it when it goes down.
 */
@Timeout(120)
class LeanLeaseTest {
    /** The turn, which refers to the lease weakly, and the lease, which is its own fence. */
    private static final long BYTES_OF_AN_EMPTY_LEASE = 96;

    /** The same, the statement and what refers to it weakly, its result, and what is remembered of the calls. */
    private static final long BYTES_OF_A_SHORT_LEASE = 264;

    private static final int LEASES = 200;
    private static final int ROUNDS = 20;

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @Test
    void a_lease_without_a_call_allocates_its_few_objects_and_no_more() throws SQLException {
        ManagedConnection manager = DB.manager();
        long bytes = leastBytes(BYTES_OF_AN_EMPTY_LEASE, () -> manager.acquire().close());
        assertThat(bytes).isLessThanOrEqualTo(BYTES_OF_AN_EMPTY_LEASE);
    }

    @Test
    void a_lease_of_one_statement_and_a_commit_allocates_little_more_than_the_driver() throws SQLException {
        ManagedConnection manager = DB.manager();
        try (Connection raw = DB.source().getConnection()) {
            raw.setAutoCommit(false);
            long driver = leastBytes(0, () -> selectOne(raw));
            long most = driver + BYTES_OF_A_SHORT_LEASE;
            long bytes = leastBytes(most, () -> selectOneOnALease(manager));
            assertThat(bytes).as("the driver's own: " + driver).isLessThanOrEqualTo(most);
        }
    }

    @Test
    void a_lease_has_no_round_trip_but_those_of_its_calls() throws Exception {
        try (DeafProxy proxy = new DeafProxy(DB.pgjdbcSource());
                ManagedConnection manager = ManagedConnection.builder(proxy.source())
                        .validateAfterIdle(Duration.ofDays(1))
                        .build()) {
            selectOneOnALease(manager);
            int before = proxy.roundTrips();
            for (int i = 0; i < 10; i++) {
                manager.acquire().close();
            }
            assertThat(proxy.roundTrips()).as("of leases without a call").isEqualTo(before);
            for (int i = 0; i < 10; i++) {
                selectOneOnALease(manager);
            }
            assertThat(proxy.roundTrips())
                    .as("a SELECT with the BEGIN before it, and a COMMIT, ten times")
                    .isEqualTo(before + 20);
        }
    }

    private static void selectOneOnALease(ManagedConnection manager) throws SQLException {
        try (Lease lease = manager.acquire()) {
            selectOne(lease);
        }
    }

    private static void selectOne(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT 1");
                ResultSet result = statement.executeQuery()) {
            if (!result.next()) {
                throw new AssertionError("no row");
            }
        }
        connection.commit();
    }

    /** A call to the server. */
    @FunctionalInterface
    private interface Cycle {
        void run() throws SQLException;
    }

    /**
     * Bytes that a cycle allocates, in the round in which nothing else was made, such as the driver's caches or what
     * the JDK links; compiled code may do without some of the objects, and never makes more.
     */
    private static long leastBytes(long enough, Cycle cycle) throws SQLException {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > enough; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < LEASES; i++) {
                cycle.run();
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / LEASES);
        }
        return least;
    }
}
