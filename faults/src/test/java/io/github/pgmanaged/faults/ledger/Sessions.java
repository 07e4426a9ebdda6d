package io.github.pgmanaged.faults.ledger;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * The sessions as the server counts them: one for each manager. One that was given up may still be there for a moment
 * beside the next one, until the server has noticed.
 *
 * <p>Thread safety: none.
 */
final class Sessions {
    /** How long the server may take to notice. It may be busy, and a statement is finished first. */
    private static final long MOMENT_NANOS = Duration.ofSeconds(8).toNanos();

    private static final String LOOK = "SELECT application_name, pid || '/' || backend_start,"
            + " backend_start = max(backend_start) OVER (PARTITION BY application_name)"
            + " FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";

    private final Server server;
    private final Findings findings;

    /** Sessions beside a younger one, with the time when that was first seen. */
    private final Map<String, Long> superseded = new HashMap<>();

    Sessions(Server server, Findings findings) {
        this.server = server;
        this.findings = findings;
    }

    /** To be called while no fault is under way. */
    void look() throws SQLException {
        Map<String, Long> before = Map.copyOf(superseded);
        superseded.clear();
        long now = System.nanoTime();
        try (Connection witness = server.connect();
                Statement statement = witness.createStatement();
                ResultSet row = statement.executeQuery(LOOK)) {
            while (row.next()) {
                if (!row.getBoolean(3)) {
                    String session = row.getString(2);
                    long since = before.getOrDefault(session, now);
                    superseded.put(session, since);
                    if (now - since > MOMENT_NANOS) {
                        findings.anomaly("a session of " + row.getString(1) + " is left beside another: " + session);
                    }
                }
            }
        }
        findings.count("sessions counted");
    }

    /** After the managers are closed. */
    void awaitNone() {
        Awaitility.await("no session on the server after close()")
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    try (Connection witness = server.connect();
                            Statement statement = witness.createStatement();
                            ResultSet row = statement.executeQuery(LOOK)) {
                        return !row.next();
                    }
                });
    }
}
