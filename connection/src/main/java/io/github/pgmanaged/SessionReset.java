package io.github.pgmanaged;

/**
 * What a release clears in the session before the next lease.
 *
 * <p>In each mode JDBC settings changed through the lease return to their baseline: to what {@code ALTER ROLE ... SET},
 * the connection string and {@code onOpen} made of them.
 *
 * <p>Of types the driver remembers which one a name meant; no mode makes it forget. Where two schemas have a type of
 * the same name, name it with its schema, or let such a lease end with {@link Lease#closeOnRelease()}.
 *
 * <p>Thread safety: immutable.
 */
public enum SessionReset {
    /**
     * Only JDBC settings. Settings made by SQL, temporary tables, advisory locks and the like stay for the next lease.
     */
    JDBC_SETTINGS,
    /**
     * The default: also what the lease's statements visibly leave, as their text shows it. A release costs one round
     * trip for what may be there, and none if nothing is: queries, {@code COPY} and ordinary DDL leave nothing.
     *
     * <ul>
     *   <li>Settings made by {@code SET}, {@code RESET} and {@code set_config} return to what they were after
     *       {@code onOpen}, as do role and session authorization. {@code SET LOCAL} leaves nothing.
     *   <li>Temporary tables, views, sequences and functions are dropped; advisory locks of the session are unlocked;
     *       {@code LISTEN} is undone, and notifications that nobody fetched are dropped; cursors {@code WITH HOLD} are
     *       closed; statements that SQL has {@code PREPARE}d are deallocated; {@code setseed} is followed by another.
     *   <li>Statements that the driver has prepared under another {@code search_path}, role or temporary table are
     *       prepared anew.
     *   <li>{@code DO}, {@code CALL}, {@code DISCARD ALL}, and statements that are not known, may leave anything of
     *       this; {@code EXECUTE}, settings and locks.
     *   <li>What ends only with its session closes it: {@code LOAD}, {@code dblink_connect}, {@code pg_backup_start},
     *       functions that create a replication slot.
     * </ul>
     *
     * <p>The next lease finds what {@code onOpen} has made, unless a statement closed or dropped it. Temporary tables,
     * locks, {@code LISTEN}, cursors and prepared statements of a lease cannot be told from those of {@code onOpen}: if
     * both have made some of the same kind, the session is closed, and the next one runs {@code onOpen} again. Of
     * settings whose names contain a dot and that no extension has declared, the server keeps no list: one that
     * {@code onOpen} made is gone after a lease that leaves settings.
     *
     * <p>It does not see what happens inside a function or a trigger, nor SQL in a string that a function runs; that
     * takes {@link #FULL}. Nor does it clear {@code currval} and the sequence values that the session has cached.
     */
    VISIBLE,
    /**
     * Whatever the lease did, all that {@code DISCARD ALL} clears: also what functions have left, plans, sequence
     * caches. Statements that the driver has prepared are prepared anew. What {@code onOpen} made besides settings is
     * cleared too, and so are its settings whose names contain a dot and that no extension has declared. Costs a round
     * trip for each used lease and some work of the server.
     *
     * @see <a href="https://www.postgresql.org/docs/current/sql-discard.html">PostgreSQL manual, "DISCARD"</a>
     */
    FULL
}
