package io.github.pgmanaged.fence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.postgresql.jdbc.PgConnection;

/**
 * A setting that a lease's holder can change through JDBC or pgjdbc's interface, and how it goes back. The catalog is
 * not one: pgjdbc ignores {@code setCatalog}.
 */
public enum Setting {
    READ_ONLY((baseline, session, driver) -> session.setReadOnly(baseline.readOnly())),
    ISOLATION((baseline, session, driver) -> set(session, "default_transaction_isolation", baseline.isolation())),
    SCHEMA((baseline, session, driver) -> set(session, "search_path", baseline.searchPath())),
    HOLDABILITY((baseline, session, driver) -> session.setHoldability(baseline.holdability())),
    NETWORK_TIMEOUT((baseline, session, driver) -> driver.setNetworkTimeout(Runnable::run, baseline.networkTimeout())),
    CLIENT_INFO((baseline, session, driver) -> session.setClientInfo("ApplicationName", baseline.applicationName())),
    TYPE_MAP((baseline, session, driver) -> session.setTypeMap(baseline.newTypeMap())),
    PREPARE_THRESHOLD((baseline, session, driver) -> driver.setPrepareThreshold(baseline.prepareThreshold())),
    FETCH_SIZE((baseline, session, driver) -> driver.setDefaultFetchSize(baseline.fetchSize())),
    QUERY_TIMEOUT((baseline, session, driver) -> driver.setQueryTimeout(baseline.queryTimeout())),
    AUTOSAVE((baseline, session, driver) -> driver.setAutosave(baseline.autosave())),
    ADAPTIVE_FETCH((baseline, session, driver) -> driver.setAdaptiveFetch(baseline.adaptiveFetch()));

    @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
    private final Restoring restoring;

    private interface Restoring {
        void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException;
    }

    Setting(Restoring restoring) {
        this.restoring = restoring;
    }

    void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException {
        restoring.restore(baseline, session, driver);
    }

    private static void set(Connection session, String parameter, String value) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement("SELECT set_config(?, ?, false)")) {
            statement.setString(1, parameter);
            statement.setString(2, value);
            statement.execute();
        }
    }
}
