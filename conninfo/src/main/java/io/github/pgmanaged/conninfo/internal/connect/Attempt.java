package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.internal.net.SocketOwner;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect, within a time. When its caller is told that it has failed, for whatever reason, its sockets
 * are closed, and it dials no more: nothing of it goes on by itself, as it does after pgjdbc's own timeout. Only a
 * thread that waits for a file or for Kerberos, which nothing ends from outside, stays until they answer.
 *
 * <p>Thread safety: has no state.
 */
final class Attempt {
    private Attempt() {}

    /**
     * Connects: on this thread, or with a time on one of its own, since what hangs may be something else than a socket.
     *
     * @param nanos how long it may take; 0 is for ever
     * @throws SQLException of the opening; or with a {@link TimeoutException} as its cause, if the time is over; or if
     *     this thread is interrupted meanwhile
     */
    static Connection run(long nanos, SocketOwner.Opening<Connection, SQLException> opening) throws SQLException {
        SocketOwner sockets = new SocketOwner(SocketOwner.current());
        boolean opened = false;
        try {
            Connection connection = nanos == 0 ? sockets.whileOpening(opening) : within(nanos, sockets, opening);
            opened = true;
            return connection;
        } finally {
            if (!opened) {
                sockets.closeAll();
            }
        }
    }

    private static Connection within(
            long nanos, SocketOwner sockets, SocketOwner.Opening<Connection, SQLException> opening)
            throws SQLException {
        Task task = new Task(() -> sockets.whileOpening(opening));
        boolean opened = false;
        Thread thread = new Thread(null, task, "pgmanaged-connect", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
        thread.start();
        try {
            Connection connection = task.get(nanos, TimeUnit.NANOSECONDS);
            opened = true;
            return connection;
        } catch (TimeoutException e) {
            throw new SQLNonTransientConnectionException("timeout expired", "08001", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLNonTransientConnectionException("interrupted while connecting", "08001", e);
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } finally {
            if (!opened) {
                sockets.closeAll(); // first: an interrupted thread must not find a socket to go on with
            }
            task.cancel(true); // does nothing if it has ended
        }
    }

    private static SQLException rethrown(@Nullable Throwable cause) {
        if (cause instanceof SQLException e) {
            return e;
        }
        if (cause instanceof RuntimeException e) {
            throw e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return new SQLNonTransientConnectionException(String.valueOf(cause), "08001", cause);
    }

    /** Gives up what comes when nobody wants it any more. */
    private static final class Task extends FutureTask<Connection> {
        Task(SocketOwner.Opening<Connection, SQLException> opening) {
            super(opening::open);
        }

        @Override
        protected void set(Connection connection) {
            super.set(connection);
            if (isCancelled()) {
                try {
                    connection.abort(Runnable::run);
                } catch (SQLException e) {
                    // Its socket is closed, or is about to be.
                }
            }
        }
    }
}
