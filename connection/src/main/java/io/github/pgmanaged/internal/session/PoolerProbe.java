package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.time.BoundedCall;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.postgresql.jdbc.PgConnection;

/**
 * Finds out whether messages arrive in a session. A pooler may give each transaction another session of the server's;
 * then LISTEN succeeds, and nothing ever comes. A pooler shows by the process ID that it gives, which is not that of
 * the server's process; only then a second connection is opened, for a moment, that sends a message.
 *
 * <p>Thread safety: none; for the thread that has the turn.
 */
final class PoolerProbe {
    /** A message takes some milliseconds, and a server under load may take longer. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int LOOK_MILLIS = 100;

    private final String manager;
    private final PgConnection driver;
    private final LibpqDataSource source;
    private final Notifications notifications;
    private final String channel = "pgmanaged_" + UUID.randomUUID();

    PoolerProbe(String manager, PgConnection driver, LibpqDataSource source, Notifications notifications) {
        this.manager = manager;
        this.driver = driver;
        this.source = source;
        this.notifications = notifications;
    }

    /** Throws if no message arrives; does nothing if there is no pooler, or the message cannot be sent. */
    void run() throws SQLException {
        Deadline deadline = patience();
        if (notifications.backendPid(deadline) == driver.getBackendPID()) {
            return;
        }
        int listening = notifications.aside("LISTEN " + Notifications.quoted(channel), deadline);
        boolean sent = isSent(deadline);
        boolean arrived = false;
        while (sent && !arrived && !deadline.isOver()) {
            notifications.listenFor(LOOK_MILLIS, patience());
            arrived = notifications.takeKept(channel);
        }
        unlisten(listening);
        if (sent && !arrived) {
            throw new SQLFeatureNotSupportedException(
                    "Messages do not arrive at " + manager + ": it is connected through a pooler, to process "
                            + driver.getBackendPID() + " as that says, and a message that was sent over another"
                            + " connection did not come within "
                            + TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS)
                            + " s. So it does in PgBouncer's transaction mode. Nothing is listened to. Connect past the"
                            + " pooler, or through one in session mode.",
                    "0A000");
        }
    }

    private static Deadline patience() {
        return Deadline.afterNanos(PATIENCE_NANOS);
    }

    /**
     * Where it listens. Another may have that process now; it is waited for, but not for long: nobody else knows the
     * channel.
     */
    private void unlisten(int backend) throws SQLException {
        Deadline deadline = patience();
        while (notifications.aside("UNLISTEN " + Notifications.quoted(channel), patience()) != backend
                && !deadline.isOver()) {
            notifications.listenFor(LOOK_MILLIS, patience());
        }
    }

    private boolean isSent(Deadline deadline) {
        try {
            if (BoundedCall.run("probe", deadline, this::send)) {
                return true;
            }
            Log.detachedWarn("Whether messages arrive at {} could not be tried in time", manager);
        } catch (SQLException | OutOfMemoryError e) {
            Log.detachedWarn("Whether messages arrive at {} could not be tried: {}", manager, Throwables.text(e));
        }
        return false;
    }

    private void send() throws SQLException {
        try (Connection other = source.getConnection();
                PreparedStatement statement = other.prepareStatement("SELECT pg_catalog.pg_notify(?, '')")) {
            statement.setString(1, channel);
            statement.execute();
        }
    }
}
