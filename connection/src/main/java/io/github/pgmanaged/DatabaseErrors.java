package io.github.pgmanaged;

/**
 * What a database error during a lease does to the session.
 *
 * <p>Thread safety: immutable.
 */
public enum DatabaseErrors {
    /**
     * The default. The session is kept when the error leaves no doubt that it is sound, as after a violated constraint
     * or a syntax error. It is closed after an error that the server calls FATAL or PANIC, that says the connection
     * failed (SQLState class 08), or of which nobody knows where it stands (no SQLState).
     */
    RESET_UNLESS_HEALTHY,
    /**
     * Any {@link java.sql.SQLException} that ends the work closes the session, as in psycopg2-managed-connection. When
     * a lease is closed without a lambda, nobody can say what ended the work; then any error that a call on the lease
     * raised counts.
     */
    RESET_ALWAYS
}
