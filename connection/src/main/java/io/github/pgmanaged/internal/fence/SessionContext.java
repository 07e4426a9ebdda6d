package io.github.pgmanaged.internal.fence;

import java.sql.Connection;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * What the leases of one session have in common.
 *
 * @param manager its name in messages
 * @param connection what the data source gave
 * @param driver the driver's connection in it
 * @param local whether what should only look at memory does: if the handles are the driver's own, and
 *     {@link BinaryTypes#areKnown}
 * @param incarnation of the server, if commits are to be verified
 * @param harmless what is known of the texts that the session has seen
 * @param hearing what becomes of its notifications
 */
public record SessionContext(
        String manager,
        Connection connection,
        PgConnection driver,
        boolean local,
        @Nullable String incarnation,
        HarmlessTexts harmless,
        Hearing hearing) {
    /** Of a session that has just been opened. */
    public SessionContext(
            String manager,
            Connection connection,
            PgConnection driver,
            boolean local,
            @Nullable String incarnation,
            Hearing hearing) {
        this(manager, connection, driver, local, incarnation, new HarmlessTexts(), hearing);
    }

    /** Of one that is not a manager's yet: every call passes the gate, and all notifications are for the lease. */
    public static SessionContext of(String manager, Connection connection, PgConnection driver) {
        return new SessionContext(manager, connection, driver, false, null, Hearing.OF_LEASES_ALONE);
    }
}
