package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.internal.fence.Setting;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.jdbc.PgConnection;

/** What the driver's settings of a session are when a lease begins: what they were when it was opened. */
record Baseline(
        boolean readOnly,
        int holdability,
        int networkTimeout,
        Map<String, Class<?>> typeMap,
        int prepareThreshold,
        int fetchSize,
        int queryTimeout,
        AutoSave autosave,
        boolean adaptiveFetch) {

    /** Reads the settings from the driver's memory. */
    static Baseline of(PgConnection session) throws SQLException {
        Map<String, Class<?>> typeMap = session.getTypeMap();
        return new Baseline(
                session.isReadOnly(),
                session.getHoldability(),
                session.getNetworkTimeout(),
                typeMap == null ? Map.of() : new HashMap<>(typeMap),
                session.getPrepareThreshold(),
                session.getDefaultFetchSize(),
                session.getQueryTimeout(),
                session.getAutosave(),
                session.getAdaptiveFetch());
    }

    /**
     * Takes a setting back to what it was, as far as it is the driver's.
     *
     * @param session an idle session with autocommit on, so that nothing here opens a transaction
     */
    void restore(Setting setting, PgConnection session) throws SQLException {
        switch (setting) {
            case READ_ONLY -> session.setReadOnly(readOnly); // the server's part follows
            case HOLDABILITY -> session.setHoldability(holdability);
            // A map of its own: the holder before may have kept the last one.
            case TYPE_MAP -> session.setTypeMap(new HashMap<>(typeMap));
            case PREPARE_THRESHOLD -> session.setPrepareThreshold(prepareThreshold);
            case FETCH_SIZE -> session.setDefaultFetchSize(fetchSize);
            case QUERY_TIMEOUT -> session.setQueryTimeout(queryTimeout);
            case AUTOSAVE -> session.setAutosave(autosave);
            case ADAPTIVE_FETCH -> session.setAdaptiveFetch(adaptiveFetch);
            case NETWORK_TIMEOUT -> {} // each exchange of ours puts it back
            case ISOLATION, SCHEMA, CLIENT_INFO -> {} // only the server has them
        }
    }
}
