package io.github.pgmanaged.cli;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Locale;

/**
 * What came of connecting once.
 *
 * @param succeeded whether there is a server
 * @param text what it is, or why there is none
 */
record Trial(boolean succeeded, String text) {
    private static final int PINGS = 9;

    /** Opens a connection. */
    @FunctionalInterface
    interface Opening {
        Connection open() throws SQLException;
    }

    static Trial of(Opening opening) {
        long began = System.nanoTime();
        try (Connection connection = opening.open()) {
            long opened = System.nanoTime() - began;
            return new Trial(true, describe(connection, opened));
        } catch (SQLException e) {
            return new Trial(false, String.valueOf(e.getMessage()).stripTrailing());
        }
    }

    private static String describe(Connection connection, long opened) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('server_version'),"
                        + " CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END,"
                        + " current_setting('transaction_read_only') = 'on',"
                        + " coalesce(host(inet_server_addr()) || ' port ' || inet_server_port(), 'a Unix-domain socket'),"
                        + " current_user, current_database(),"
                        + " (SELECT coalesce(version || ' with ' || cipher, 'none') FROM pg_stat_ssl"
                        + " WHERE pid = pg_backend_pid())")) {
            row.next();
            return "PostgreSQL " + row.getString(1) + " at " + row.getString(4) + ", a " + row.getString(2)
                    + (row.getBoolean(3) ? " (read-only)" : "")
                    + "\nuser " + row.getString(5) + ", database " + row.getString(6)
                    + ", TLS: " + row.getString(7)
                    + "\nopened in " + millis(opened) + " ms, round trip " + millis(roundTrip(connection)) + " ms";
        }
    }

    /** The median of some. */
    private static long roundTrip(Connection connection) throws SQLException {
        long[] nanos = new long[PINGS];
        for (int i = 0; i < PINGS; i++) {
            long began = System.nanoTime();
            connection.isValid(0);
            nanos[i] = System.nanoTime() - began;
        }
        Arrays.sort(nanos);
        return nanos[PINGS / 2];
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.2f", nanos / 1e6);
    }

    @Override
    public String toString() {
        return text;
    }
}
