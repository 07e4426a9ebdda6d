package io.github.pgmanaged;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Exclusive use of the managed connection by one holder.
 *
 * <p>A lease is a {@link Connection}; {@link #close()} releases it. From then on the lease and everything that came
 * from it (statements, result sets, metadata, arrays, streams, the {@code PGConnection} view) is dead: each call raises
 * a {@link LeaseReleasedException}, SQLState 08003. Exceptions are what JDBC has a closed object do: {@code close()},
 * {@code free()}, {@code abort()} and the {@code cancelCopy()} of a copy do nothing, {@code isClosed()} returns
 * {@code true}, {@code isValid()} and the {@code isActive()} of a copy return {@code false}; and {@link #status()},
 * {@link #closeOnRelease()} and the methods of {@code Object}.
 *
 * <p>A lease whose session is lost passes its turn to the next thread at once. The lease stays dead, and its
 * {@code close()} says what was lost.
 *
 * <p>{@code unwrap(PGConnection.class)} returns a view that dies with the lease, too. {@code unwrap} to one of the
 * driver's own classes returns the driver's object, which cannot be revoked; so the release closes the session, and the
 * next lease opens another.
 *
 * <p>The texts of its handles are the driver's. {@code Array.toString()} is the array's literal, after the release,
 * too. {@code PreparedStatement.toString()} is the statement with its parameters, as long as the lease lives: the
 * caller's own text, which the library itself prints nowhere.
 *
 * <p>Thread safety: safe. Several threads may use a lease, and another thread than the one that acquired it may release
 * it, but the calls share one session and one transaction.
 */
public interface Lease extends Connection {
    /**
     * The transaction status that the server reported last. Never blocks.
     *
     * @return the status; {@link TransactionStatus#CLOSED} once the lease is released or the session is closed
     */
    TransactionStatus status();

    /**
     * Has the release of this lease close the session, so that the next lease opens a new one. Does nothing on a
     * released lease.
     */
    void closeOnRelease();

    /**
     * Releases the lease, within {@code releaseTimeout}. Repeated calls do nothing.
     *
     * <p>Cancels a call that another thread is in, rolls back an open transaction, closes open statements, and returns
     * JDBC settings changed through the lease to their baseline.
     *
     * @throws OpenTransactionException if a transaction was open; it was rolled back, and the session stays usable
     * @throws SQLException if the session was lost with a transaction open or after a fatal error, or if the lease was
     *     revoked with a transaction open; the next lease opens a new session
     */
    @Override
    void close() throws SQLException;
}
