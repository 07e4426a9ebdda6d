package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.internal.fence.Setting;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.jdbc.PgConnection;

/** What a session's settings are when a lease begins: what they were when it was opened, after {@code onOpen}. */
record Baseline(
        boolean readOnly,
        String isolation,
        String searchPath,
        int holdability,
        int networkTimeout,
        @Nullable String applicationName,
        Map<String, Class<?>> typeMap,
        int prepareThreshold,
        int fetchSize,
        int queryTimeout,
        AutoSave autosave,
        boolean adaptiveFetch) {

    /**
     * Reads the settings: all from the driver's memory, but for two that only the server knows.
     *
     * @param session an idle session with autocommit on
     */
    static Baseline of(PgConnection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT current_setting('default_transaction_isolation'), current_setting('search_path')")) {
            row.next();
            Map<String, Class<?>> typeMap = session.getTypeMap();
            return new Baseline(
                    session.isReadOnly(),
                    row.getString(1),
                    row.getString(2),
                    session.getHoldability(),
                    session.getNetworkTimeout(),
                    session.getClientInfo("ApplicationName"),
                    typeMap == null ? Map.of() : new HashMap<>(typeMap),
                    session.getPrepareThreshold(),
                    session.getDefaultFetchSize(),
                    session.getQueryTimeout(),
                    session.getAutosave(),
                    session.getAdaptiveFetch());
        }
    }

    /**
     * Takes a setting back to what it was.
     *
     * @param session an idle session with autocommit on, so that nothing here opens a transaction
     */
    void restore(Setting setting, PgConnection session) throws SQLException {
        switch (setting) {
            case READ_ONLY -> session.setReadOnly(readOnly);
            case ISOLATION -> set(session, "default_transaction_isolation", isolation);
            case SCHEMA -> set(session, "search_path", searchPath);
            case HOLDABILITY -> session.setHoldability(holdability);
            case NETWORK_TIMEOUT -> session.setNetworkTimeout(Runnable::run, networkTimeout);
            case CLIENT_INFO -> session.setClientInfo("ApplicationName", applicationName);
            // A map of its own: the holder before may have kept the last one.
            case TYPE_MAP -> session.setTypeMap(new HashMap<>(typeMap));
            case PREPARE_THRESHOLD -> session.setPrepareThreshold(prepareThreshold);
            case FETCH_SIZE -> session.setDefaultFetchSize(fetchSize);
            case QUERY_TIMEOUT -> session.setQueryTimeout(queryTimeout);
            case AUTOSAVE -> session.setAutosave(autosave);
            case ADAPTIVE_FETCH -> session.setAdaptiveFetch(adaptiveFetch);
        }
    }

    private static void set(PgConnection session, String parameter, String value) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement("SELECT set_config(?, ?, false)")) {
            statement.setString(1, parameter);
            statement.setString(2, value);
            statement.execute();
        }
    }
}
