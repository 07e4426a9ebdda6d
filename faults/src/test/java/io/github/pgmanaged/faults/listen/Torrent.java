package io.github.pgmanaged.faults.listen;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.Notification;
import io.github.pgmanaged.NotificationListener;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Sql;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * 10,000 messages a second, or as many as the machine gives, and now and then a lease: prints what was heard, the heap
 * after a collection, and the longest wait for a lease. Fails if the heap grows. {@code make soak} runs it, too.
 */
public final class Torrent {
    private static final int EACH_TENTH = 1000;
    private static final int MOST_MEGABYTES = 30;

    private static final AtomicLong HEARD = new AtomicLong();
    private static final AtomicLong GAPS = new AtomicLong();

    private Torrent() {}

    private static final class Counter implements NotificationListener {
        @Override
        public void onNotification(Notification notification) {
            HEARD.incrementAndGet();
        }

        @Override
        public void onLost(SQLException cause) {
            GAPS.incrementAndGet();
            System.out.println("A gap: " + cause.getMessage());
        }
    }

    public static void main(String[] arguments) throws Exception {
        long seconds = Long.parseLong(arguments[0]);
        boolean bounded;
        Home home = Home.make();
        try {
            PostgresServer server = PostgresServer.embedded(home, "server");
            try (ManagedConnection manager = ManagedConnection.of(server.conninfo());
                    Connection sender = new LibpqDataSource(server.conninfo()).getConnection()) {
                manager.listen("torrent", new Counter());
                Sql.execute(sender, "SET synchronous_commit = off");
                bounded = run(manager, sender, seconds);
            }
        } finally {
            home.close();
        }
        System.exit(bounded ? 0 : 1);
    }

    private static boolean run(ManagedConnection manager, Connection sender, long seconds) throws SQLException {
        long begun = System.nanoTime();
        long sent = 0;
        long first = 0;
        long last = 0;
        long longestWait = 0;
        for (long tenth = 0; tenth < 10 * seconds; tenth++) {
            // Each in a transaction of its own, so that they come one by one.
            Sql.execute(
                    sender,
                    "DO 'BEGIN FOR i IN 1.." + EACH_TENTH
                            + " LOOP PERFORM pg_notify(''torrent'', repeat(''x'', 100) || i); COMMIT; END LOOP; END'");
            sent += EACH_TENTH;
            if (tenth % 5 == 0) {
                long asked = System.nanoTime();
                manager.<SQLException>useTransaction(lease -> Sql.execute(lease, "SELECT 1"));
                longestWait = Math.max(longestWait, System.nanoTime() - asked);
            }
            if (tenth % 100 == 99) {
                last = megabytes();
                first = first == 0 ? last : first;
                double passed = (System.nanoTime() - begun) / 1e9;
                System.out.printf(
                        "%.0f s: %d sent, %d heard, %d gaps, %.0f a second; heap %d MB; longest wait for a lease"
                                + " %d ms; %d sessions%n",
                        passed,
                        sent,
                        HEARD.get(),
                        GAPS.get(),
                        sent / passed,
                        last,
                        TimeUnit.NANOSECONDS.toMillis(longestWait),
                        manager.stats().opened());
            }
            LockSupport.parkNanos(begun + TimeUnit.MILLISECONDS.toNanos(100 * (tenth + 1)) - System.nanoTime());
        }
        return last - first <= MOST_MEGABYTES;
    }

    private static long megabytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20;
    }
}
