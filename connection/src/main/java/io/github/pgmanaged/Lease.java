package io.github.pgmanaged;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * One holder's exclusive use of the managed connection.
 *
 * <p>It is a {@link Connection}; {@link #close()} releases it. From then on it and everything that came from it
 * (statements, result sets, metadata, arrays, streams, the {@code PGConnection} view) is dead: each call raises a
 * {@link LeaseReleasedException}, SQLState 08003, but for {@code close()} and {@code isClosed()}, which do nothing and
 * return {@code true}, for {@link #status()} and {@link #closeOnRelease()}, and for {@code Object}'s methods.
 *
 * <p>{@code unwrap(PGConnection.class)} gives a view that dies with the lease, too. {@code unwrap} to one of the
 * driver's own classes gives the driver's object, which nobody can take back; so the session is closed when the lease
 * is released, and the next one opens another.
 *
 * <p>Thread safety: safe. A lease may be used by several threads and released by another than acquired it, but the
 * calls share one session and one transaction.
 */
public interface Lease extends Connection {
    /**
     * The server's transaction status, as of its last answer.
     *
     * @return the status; {@link TransactionStatus#CLOSED} once the lease is released or the session is closed
     */
    TransactionStatus status();

    /**
     * Asks that the session be closed when this lease is released, so that the next lease opens a new one. On a
     * released lease it does nothing.
     */
    void closeOnRelease();

    /**
     * Releases the lease. The second call and each later one do nothing.
     *
     * <p>A call that another thread is still in is cancelled. A transaction still open is rolled back. Statements left
     * open are closed, and JDBC settings changed through the lease return to their baseline.
     *
     * @throws OpenTransactionException if a transaction was open: it is rolled back, and the session stays usable
     * @throws SQLException if the session turned out to be lost while a transaction was open on it or after it had
     *     reported a fatal error; the next lease opens a new session
     */
    @Override
    void close() throws SQLException;
}
