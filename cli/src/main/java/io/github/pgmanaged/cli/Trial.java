package io.github.pgmanaged.cli;

import io.github.pgmanaged.conninfo.Candidate;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of connecting once.
 *
 * @param succeeded whether there is a server
 * @param facts what it is, or why there is none; an error among them, too, if the session did not answer
 */
record Trial(boolean succeeded, Map<String, Object> facts) {
    private static final int PINGS = 9;

    /** For an answer of the session's. */
    private static final int SECONDS = 10;

    /** Opens a connection. */
    @FunctionalInterface
    interface Opening {
        Connection open() throws SQLException;
    }

    /**
     * Tries.
     *
     * @param server has its certificate looked at, too, if TLS is used; null if it is not known which one it is
     * @param asked as in {@link SessionFacts#of}
     */
    static Trial of(@Nullable Candidate server, Map<String, String> asked, Opening opening) {
        Map<String, Object> facts = new LinkedHashMap<>();
        long began = System.nanoTime();
        Connection connection;
        try {
            connection = opening.open();
        } catch (SQLException e) {
            putError(e, facts);
            return new Trial(false, facts);
        }
        try (connection) {
            facts.put("opened_ms", millis(System.nanoTime() - began));
            connection.setNetworkTimeout(Runnable::run, SECONDS * 1000);
            facts.putAll(SessionFacts.of(connection, asked));
            if (facts.get("tls") != null && server != null) {
                facts.putAll(ServerCertificate.of(server, String.valueOf(facts.get("address"))));
            }
            facts.put("round_trip_ms", roundTrip(connection));
        } catch (SQLException e) {
            putError(e, facts);
        }
        return new Trial(true, facts);
    }

    private static void putError(SQLException e, Map<String, Object> facts) {
        facts.put("error", String.valueOf(e.getMessage()).stripTrailing());
        facts.put("sqlstate", e.getSQLState());
    }

    /** The median of some. */
    private static double roundTrip(Connection connection) throws SQLException {
        long[] nanos = new long[PINGS];
        for (int i = 0; i < PINGS; i++) {
            long began = System.nanoTime();
            if (!connection.isValid(SECONDS)) {
                throw new SQLNonTransientConnectionException("the session broke when it was asked again", "08006");
            }
            nanos[i] = System.nanoTime() - began;
        }
        Arrays.sort(nanos);
        return millis(nanos[PINGS / 2]);
    }

    private static double millis(long nanos) {
        return Math.round(nanos / 1e4) / 1e2;
    }

    private String fact(String name) {
        Object fact = facts.get(name);
        return printable(String.valueOf(fact));
    }

    private String setting(String name) {
        return fact(name) + " (" + fact(name + "_from") + ")";
    }

    /** For people. */
    @Override
    public String toString() {
        if (!succeeded) {
            return fact("error");
        }
        if (!facts.containsKey("differs_from_psql")) {
            return "opened in " + fact("opened_ms") + " ms, but the session did not say what it is: " + fact("error");
        }
        boolean tls = facts.get("tls") != null;
        String role = fact("role").equals(fact("user")) ? "" : ", role " + fact("role");
        StringBuilder text = new StringBuilder("PostgreSQL " + fact("server_version") + " at " + fact("address")
                + ", a " + fact("kind") + (Boolean.TRUE.equals(facts.get("read_only")) ? " (read-only)" : "")
                + "\nuser " + fact("user") + role + ", database " + fact("database")
                + ", TLS: " + (tls ? fact("tls") + " with " + fact("cipher") : "none"));
        if (facts.containsKey("certificate_subject")) {
            text.append("\ncertificate of " + fact("certificate_subject") + ", until " + fact("certificate_expires"));
        }
        text.append("\ntime zone " + setting("timezone") + ", date style " + setting("datestyle") + ", encoding "
                + setting("client_encoding") + ", search path " + setting("search_path"));
        if (facts.get("differs_from_psql") instanceof Collection<?> differences) {
            differences.forEach(difference -> text.append("\nnot as in psql: " + printable(difference.toString())));
        }
        return text + "\nopened in " + fact("opened_ms") + " ms, "
                + (facts.containsKey("error")
                        ? "then: " + fact("error")
                        : "round trip " + fact("round_trip_ms") + " ms");
    }

    /** What a server says could steer the terminal. */
    private static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "?");
    }
}
