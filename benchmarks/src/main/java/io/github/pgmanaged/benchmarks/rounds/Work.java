package io.github.pgmanaged.benchmarks.rounds;

import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a thread does in a lease and between leases. */
public interface Work {
    /** Every so many leases of a thread one is slow. */
    int SLOW_ONE_IN = 100;

    /**
     * In the lease.
     *
     * @param connection the lease
     * @param turn counts this thread's leases, from a number of its own
     * @throws SQLException as the driver does
     */
    void use(Connection connection, long turn) throws SQLException;

    /** After the lease. */
    default void between() {}

    /**
     * The work of a scenario.
     *
     * @param scenario which
     * @return the work
     */
    static Work of(Scenario scenario) {
        return scenario == Scenario.OWN_WORK ? new OwnWork() : (connection, turn) -> run(connection, "select 1");
    }

    private static void run(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
        }
        connection.commit();
    }

    /** As an application that does other things, too. */
    record OwnWork() implements Work {
        private static final long OWN = TimeUnit.MILLISECONDS.toNanos(5);

        @Override
        public void use(Connection connection, long turn) throws SQLException {
            run(connection, turn % SLOW_ONE_IN == 0 ? "select pg_sleep(0.05)" : "select 1");
        }

        /** Something that takes no processor, such as a call of another service. */
        @Override
        public void between() {
            long until = System.nanoTime() + OWN;
            for (long left = OWN; left > 0; left = until - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }
}
