package io.github.pgmanaged.junit.internal;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of others in the same database, as the server shows them.
 *
 * <p>Thread safety: safe.
 */
final class OtherSessions {
    private static final Pattern SECRET = Pattern.compile("(?is)(password).*");

    private static final String QUERY =
            "SELECT pid || ' ' || backend_start, coalesce(application_name, ''), coalesce(state, ''), left(query, 300),"
                    + " pid = pg_backend_pid() FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND backend_type = 'client backend' ORDER BY backend_start";

    // Guarded by this.
    private final Set<String> known = new HashSet<>();

    /** Those that are there now are no finding. */
    synchronized void expectThoseOf(@Nullable ManagedConnection manager) {
        known.addAll(look(manager).keySet());
    }

    /** What is said of those that have come since. */
    synchronized Optional<Finding> newOnes(@Nullable ManagedConnection manager) {
        Map<String, String> sessions = look(manager);
        sessions.keySet().removeIf(session -> !known.add(session));
        return sessions.isEmpty()
                ? Optional.empty()
                : Optional.of(Findings.otherSessions(List.copyOf(sessions.values())));
    }

    /**
     * Does not wait for a holder: then there is nothing to see this time. The manager's own session is known from now
     * on: the server may show it for a while after another has taken its place.
     */
    private Map<String, String> look(@Nullable ManagedConnection manager) {
        Map<String, String> sessions = new LinkedHashMap<>();
        if (manager == null) {
            return sessions;
        }
        try {
            Optional<Lease> free = manager.tryAcquire();
            if (free.isEmpty()) {
                return sessions;
            }
            try (Lease lease = free.get()) {
                lease.setAutoCommit(true);
                try (Statement statement = lease.createStatement();
                        ResultSet rows = statement.executeQuery(QUERY)) {
                    while (rows.next()) {
                        if (rows.getBoolean(5)) {
                            known.add(rows.getString(1));
                        } else {
                            sessions.put(
                                    rows.getString(1), text(rows.getString(2), rows.getString(3), rows.getString(4)));
                        }
                    }
                }
            }
        } catch (SQLException e) {
            return new LinkedHashMap<>(); // a server that is away, or does not say
        }
        return sessions;
    }

    private static String text(String application, String state, @Nullable String query) {
        return "application_name \"" + application + "\", " + state
                + (query == null || query.isBlank()
                        ? ""
                        : ", last query: "
                                + SECRET.matcher(query).replaceFirst("$1 ...").replaceAll("\\s+", " "));
    }
}
