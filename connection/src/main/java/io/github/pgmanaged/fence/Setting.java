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
    READ_ONLY {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException {
            session.setReadOnly(baseline.readOnly());
        }
    },
    ISOLATION {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException {
            set(session, "default_transaction_isolation", baseline.isolation());
        }
    },
    SCHEMA {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException {
            set(session, "search_path", baseline.searchPath());
        }
    },
    HOLDABILITY {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException {
            session.setHoldability(baseline.holdability());
        }
    },
    NETWORK_TIMEOUT {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException {
            driver.setNetworkTimeout(Runnable::run, baseline.networkTimeout());
        }
    },
    CLIENT_INFO {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException {
            session.setClientInfo("ApplicationName", baseline.applicationName());
        }
    },
    TYPE_MAP {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException {
            session.setTypeMap(baseline.newTypeMap());
        }
    },
    PREPARE_THRESHOLD {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) {
            driver.setPrepareThreshold(baseline.prepareThreshold());
        }
    },
    FETCH_SIZE {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException {
            driver.setDefaultFetchSize(baseline.fetchSize());
        }
    },
    QUERY_TIMEOUT {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException {
            driver.setQueryTimeout(baseline.queryTimeout());
        }
    },
    AUTOSAVE {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) {
            driver.setAutosave(baseline.autosave());
        }
    },
    ADAPTIVE_FETCH {
        @Override
        void restore(Baseline baseline, Connection session, PgConnection driver) {
            driver.setAdaptiveFetch(baseline.adaptiveFetch());
        }
    };

    abstract void restore(Baseline baseline, Connection session, PgConnection driver) throws SQLException;

    private static void set(Connection session, String parameter, String value) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement("SELECT set_config(?, ?, false)")) {
            statement.setString(1, parameter);
            statement.setString(2, value);
            statement.execute();
        }
    }
}
