package io.github.pgmanaged;

/**
 * The session's transaction status, as the server reports it in each ReadyForQuery message.
 *
 * <p>Thread safety: immutable.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">PostgreSQL manual, "Message
 *     Formats", ReadyForQuery</a>
 */
public enum TransactionStatus {
    /** No session is open. */
    CLOSED,
    /** A session is open, outside a transaction. */
    IDLE,
    /** A call into the driver is under way. */
    ACTIVE,
    /** A transaction is open. */
    IN_TRANSACTION,
    /** A transaction is open and has failed: the server accepts only its end. */
    IN_ERROR
}
