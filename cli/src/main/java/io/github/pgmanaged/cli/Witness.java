package io.github.pgmanaged.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import javax.sql.DataSource;

/**
 * A second, plain connection that asks the server what it sees of the run. If it is lost, another one asks again.
 * Thread safety: one thread.
 */
final class Witness implements AutoCloseable {
    /** A backend leaves pg_stat_activity some time after its client has hung up, or after it was killed. */
    private static final int POLLS = 200;

    private static final String POLL_PAUSE = "SELECT pg_sleep(0.05)";

    private final DataSource plain;
    private Connection connection;
    private int interruptions;
    private final String applicationName;
    private final Set<Integer> backends = new HashSet<>();
    private int mostAtOnce;
    private int killed;

    /**
     * Connects.
     *
     * @param applicationName what the run's backends are called in pg_stat_activity
     */
    Witness(DataSource plain, String applicationName) throws SQLException {
        this.plain = plain;
        this.connection = plain.getConnection();
        this.applicationName = applicationName;
    }

    /** Looks which backends there are. */
    void look() throws SQLException {
        mostAtOnce = Math.max(mostAtOnce, ask(this::countBackends));
    }

    private int countBackends() throws SQLException {
        int now = 0;
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT pid FROM pg_stat_activity WHERE application_name = ? AND datname = current_database()")) {
            query.setString(1, applicationName);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    now++;
                    backends.add(rows.getInt(1));
                }
            }
        }
        return now;
    }

    /** Kills the run's backend, as an administrator or a failover would. */
    void kill() throws SQLException {
        killed += count("SELECT count(*) FROM (SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity"
                + " WHERE application_name = ? AND datname = current_database()) AS kill WHERE done");
    }

    /** Transactions that the run's backends have open, once those that are ending had some seconds to go. */
    int openTransactions() throws SQLException {
        return remaining("SELECT count(*) FROM pg_stat_activity WHERE application_name = ?"
                + " AND datname = current_database() AND (xact_start IS NOT NULL OR state <> 'idle')");
    }

    /** Backends of the run that are left, once they had some seconds to go. */
    int remainingBackends() throws SQLException {
        return remaining("SELECT count(*) FROM pg_stat_activity WHERE application_name = ?");
    }

    private int remaining(String sql) throws SQLException {
        int left = -1;
        for (int i = 0; i < POLLS && left != 0; i++) {
            left = count(sql);
            if (left != 0) {
                ask(this::pause);
            }
        }
        return left;
    }

    private boolean pause() throws SQLException {
        try (PreparedStatement pause = connection.prepareStatement(POLL_PAUSE)) {
            return pause.execute();
        }
    }

    /** How many more connections the server would take from anybody. */
    int freeConnections() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT current_setting('max_connections')::int"
                        + " - current_setting('superuser_reserved_connections')::int"
                        + " - coalesce(current_setting('reserved_connections', true), '0')::int"
                        + " - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')");
                ResultSet rows = query.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    String serverVersion() throws SQLException {
        return "PostgreSQL " + setting("server_version");
    }

    /** How much a commit is worth on this server, and so what it costs. */
    String durability() throws SQLException {
        return "fsync " + setting("fsync") + ", synchronous_commit " + setting("synchronous_commit");
    }

    private String setting(String name) throws SQLException {
        return ask(() -> settingOnce(name));
    }

    private String settingOnce(String name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT current_setting(?)")) {
            query.setString(1, name);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    /** Different backends seen so far. */
    int backends() {
        return backends.size();
    }

    int mostAtOnce() {
        return mostAtOnce;
    }

    int killed() {
        return killed;
    }

    /** Times that the witness's own session was lost. */
    int interruptions() {
        return interruptions;
    }

    /** Asks, and asks again on another connection if this one was lost. */
    private <T> T ask(Patience.Attempt<T> question) throws SQLException {
        return Patience.retry(() -> {
            if (connection.isClosed()) {
                connection = plain.getConnection();
            }
            try {
                return question.run();
            } catch (SQLException e) {
                if (LostSession.is(e)) {
                    interruptions++;
                    connection.close();
                }
                throw e;
            }
        });
    }

    private int count(String sql) throws SQLException {
        return ask(() -> countOnce(sql));
    }

    private int countOnce(String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, applicationName);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
