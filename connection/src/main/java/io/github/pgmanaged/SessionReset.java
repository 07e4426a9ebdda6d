package io.github.pgmanaged;

/**
 * What a release clears of the session that the next lease will have.
 *
 * <p>Thread safety: immutable.
 */
public enum SessionReset {
    /**
     * The default: JDBC's settings that were changed through the lease go back to their baseline. What SQL has set, and
     * temporary tables, advisory locks and the like, stay for the next lease. It costs nothing if nothing was changed.
     */
    JDBC_SETTINGS,
    /**
     * All that {@code DISCARD ALL} clears, as well: settings made by SQL (they return to what {@code onOpen} left),
     * role and session authorization, temporary tables, session advisory locks, {@code LISTEN}, cursors {@code WITH
     * HOLD}, statements that SQL has {@code PREPARE}d, sequence caches. Statements that the driver has prepared stay.
     * What {@code onOpen} made, beside settings, goes too, and so do its settings of names with a dot in them that no
     * extension has declared, which the server does not list. It costs one round trip for each lease that was used, and
     * the server some work: by the project's benchmark about 0.2 ms more on a transaction of 0.13 ms, on a server next
     * door.
     *
     * @see <a href="https://www.postgresql.org/docs/current/sql-discard.html">PostgreSQL manual, "DISCARD"</a>
     */
    FULL
}
