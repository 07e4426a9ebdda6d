package io.github.pgmanaged;

/**
 * What a database error during a lease does to the session.
 *
 * <p>Thread safety: immutable.
 */
public enum DatabaseErrors {
    /**
     * The default. Errors that leave the session usable (constraint violation, syntax error) keep it. An error of
     * severity FATAL or PANIC, a connection failure (SQLState class 08) or an error without an SQLState closes it, if a
     * call on the lease raised it: another database's says nothing of this session.
     */
    RESET_UNLESS_HEALTHY,
    /**
     * Any {@link java.sql.SQLException} that ends the work closes the session, as in psycopg2-managed-connection,
     * another database's, too. When a lease is closed without a lambda, what ended the work is unknown, so any error
     * that a call on the lease raised counts.
     */
    RESET_ALWAYS
}
