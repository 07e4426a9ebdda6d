package io.github.pgmanaged;

/**
 * What a release clears in the session before the next lease.
 *
 * <p>Thread safety: immutable.
 */
public enum SessionReset {
    /**
     * The default: JDBC settings changed through the lease return to their baseline. Settings made by SQL, temporary
     * tables, advisory locks and the like stay for the next lease. Costs nothing if nothing was changed.
     */
    JDBC_SETTINGS,
    /**
     * Also all that {@code DISCARD ALL} clears: settings made by SQL (they return to what {@code onOpen} left), role
     * and session authorization, temporary tables, session advisory locks, {@code LISTEN}, cursors {@code WITH HOLD},
     * statements that SQL has {@code PREPARE}d, sequence caches. Statements that the driver has prepared stay. What
     * {@code onOpen} made besides settings is cleared too, and so are its settings whose names contain a dot and that
     * no extension has declared: the server does not list them. Costs a round trip for each used lease and some work of
     * the server; in the project's benchmark, on the loopback address, a transaction of 0.13 ms takes 0.2 ms longer.
     *
     * @see <a href="https://www.postgresql.org/docs/current/sql-discard.html">PostgreSQL manual, "DISCARD"</a>
     */
    FULL
}
