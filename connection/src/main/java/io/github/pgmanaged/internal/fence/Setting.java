package io.github.pgmanaged.internal.fence;

/**
 * A setting that a lease's holder can change through JDBC or pgjdbc's interface, and that goes back at the release. The
 * catalog is not one: pgjdbc ignores {@code setCatalog}. Autocommit is not one: each lease begins with its own.
 */
public enum Setting {
    READ_ONLY,
    ISOLATION,
    SCHEMA,
    HOLDABILITY,
    NETWORK_TIMEOUT,
    CLIENT_INFO,
    TYPE_MAP,
    PREPARE_THRESHOLD,
    FETCH_SIZE,
    QUERY_TIMEOUT,
    AUTOSAVE,
    ADAPTIVE_FETCH
}
