package io.github.pgmanaged;

/**
 * The state of the session, as the server itself reports it with each ReadyForQuery message.
 *
 * <p>Thread safety: immutable.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">PostgreSQL manual, "Message
 *     Formats", ReadyForQuery</a>
 */
public enum TransactionStatus {
    /** No session is open. */
    CLOSED,
    /** A session is open and no transaction is. */
    IDLE,
    /** A call into the driver is under way. */
    ACTIVE,
    /** A transaction is open. */
    IN_TRANSACTION,
    /** A transaction is open and has failed: the server refuses all but its end. */
    IN_ERROR
}
