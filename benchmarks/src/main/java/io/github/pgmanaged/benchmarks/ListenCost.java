package io.github.pgmanaged.benchmarks;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.EmbeddedServer;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What it costs an acquirer that the manager listens: {@code acquire()}, {@code SELECT 1}, COMMIT and {@code close()}
 * after a pause, with a subscription on which nothing comes, and without one, in turns. Prints percentiles.
 */
public final class ListenCost {
    private static final int WARM_UP = 200;

    private ListenCost() {}

    /**
     * Runs it.
     *
     * @param arguments how many transactions of each kind; the pauses, in milliseconds
     */
    public static void main(String[] arguments) throws IOException, SQLException {
        int count = Integer.parseInt(arguments[0]);
        try (EmbeddedServer server = EmbeddedServer.start();
                ManagedConnection asking = ManagedConnection.of(server.conninfo())) {
            String port = asking.inTransaction(lease -> ask(lease, "SHOW port"));
            String sockets = asking.inTransaction(lease -> ask(lease, "SHOW unix_socket_directories"));
            for (String host : new String[] {"127.0.0.1", sockets.split(",", -1)[0].trim()}) {
                String conninfo = "host=" + host + " port=" + port + " user=postgres dbname=postgres sslmode=disable";
                for (int i = 1; i < arguments.length; i++) {
                    compare(conninfo, host, Integer.parseInt(arguments[i]), count);
                }
            }
        }
    }

    private static void compare(String conninfo, String host, int pauseMillis, int count) throws SQLException {
        try (ManagedConnection listens = ManagedConnection.of(conninfo);
                ManagedConnection plain = ManagedConnection.of(conninfo)) {
            var unused = listens.listen("nothing", message -> {});
            double[] with = new double[count];
            double[] without = new double[count];
            for (int i = -Math.min(WARM_UP, count); i < count; i++) {
                double one = microseconds(i % 2 == 0 ? listens : plain, pauseMillis);
                double two = microseconds(i % 2 == 0 ? plain : listens, pauseMillis);
                if (i >= 0) {
                    with[i] = i % 2 == 0 ? one : two;
                    without[i] = i % 2 == 0 ? two : one;
                }
            }
            Arrays.sort(with);
            Arrays.sort(without);
            System.out.printf(
                    "%s, pauses of %d ms: median %.0f us with a subscription, %.0f without, difference %.0f;"
                            + " p99 %.0f and %.0f%n",
                    host.startsWith("/") ? "Unix socket" : "TCP",
                    2 * pauseMillis,
                    at(with, 0.5),
                    at(without, 0.5),
                    at(with, 0.5) - at(without, 0.5),
                    at(with, 0.99),
                    at(without, 0.99));
        }
    }

    private static double at(double[] sorted, double part) {
        return sorted[(int) (part * (sorted.length - 1))];
    }

    /** After a pause, in which the other manager pauses, too: so each has had two of them. */
    private static double microseconds(ManagedConnection manager, int pauseMillis) throws SQLException {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
        long begun = System.nanoTime();
        try (Lease lease = manager.acquire()) {
            String one = ask(lease, "SELECT 1");
            lease.commit();
            if (!one.equals("1")) {
                throw new IllegalStateException(one);
            }
        }
        return (System.nanoTime() - begun) / 1000.0;
    }

    private static String ask(Lease lease, String question) throws SQLException {
        try (Statement statement = lease.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
