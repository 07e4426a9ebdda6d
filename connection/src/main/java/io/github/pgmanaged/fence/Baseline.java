package io.github.pgmanaged.fence;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.jdbc.PgConnection;

/**
 * What a session's settings are when a lease begins: what they were when the session was opened, after {@code onOpen}.
 *
 * <p>Autocommit is not here, since each lease begins with the one that its acquisition asks for.
 */
public record Baseline(
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
    public static Baseline of(Connection session, PgConnection driver) throws SQLException {
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
                    driver.getNetworkTimeout(),
                    session.getClientInfo("ApplicationName"),
                    typeMap == null ? Map.of() : new HashMap<>(typeMap),
                    driver.getPrepareThreshold(),
                    driver.getDefaultFetchSize(),
                    driver.getQueryTimeout(),
                    driver.getAutosave(),
                    driver.getAdaptiveFetch());
        }
    }

    /**
     * Takes a setting back to what it was.
     *
     * @param session an idle session with autocommit on, so that nothing here opens a transaction
     */
    public void restore(Setting setting, Connection session, PgConnection driver) throws SQLException {
        setting.restore(this, session, driver);
    }

    /** A map of its own: the holder before may have kept the last one. */
    Map<String, Class<?>> newTypeMap() {
        return new HashMap<>(typeMap);
    }
}
