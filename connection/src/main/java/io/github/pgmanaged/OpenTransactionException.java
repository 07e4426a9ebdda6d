package io.github.pgmanaged;

import java.sql.SQLNonTransientException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A lease was released with an open transaction, or with a COPY that was never ended. It was rolled back, and the next
 * lease starts clean. SQLState 25000 (invalid_transaction_state).
 */
public final class OpenTransactionException extends SQLNonTransientException {
    private static final long serialVersionUID = 1L;

    /** What the server reported at the release. */
    private final TransactionStatus status;

    /** The statement that opened the transaction, without secrets; null if unknown. */
    private final @Nullable String statement;

    /** The thread that opened it; null if unknown. */
    private final @Nullable String thread;

    /** How long it had been open. */
    private final Duration openFor;

    /**
     * Creates the exception.
     *
     * @param manager the manager's text
     * @param status what the server reported at the release
     * @param statement the statement that opened the transaction, without secrets; null if unknown
     * @param thread the thread that opened it; null if unknown
     * @param openFor how long it had been open
     * @param kept whether the session is kept for the next lease
     */
    public OpenTransactionException(
            String manager,
            TransactionStatus status,
            @Nullable String statement,
            @Nullable String thread,
            Duration openFor,
            boolean kept) {
        super(message(manager, status, statement, thread, openFor, kept), "25000");
        this.status = status;
        this.statement = statement;
        this.thread = thread;
        this.openFor = openFor;
    }

    /**
     * Creates the exception for a COPY that was never ended.
     *
     * @param manager the manager's text
     * @param copy the COPY statement, without secrets
     * @param thread the thread that began it; null if unknown
     * @param openFor how long it had been under way
     * @param kept whether the session is kept for the next lease
     */
    public OpenTransactionException(
            String manager, String copy, @Nullable String thread, Duration openFor, boolean kept) {
        super(
                "Did not end a COPY before releasing connection: " + manager + " was in a COPY that was never ended,"
                        + " begun by thread \"" + thread + "\" with: " + copy + "; open for " + openFor.toMillis()
                        + " ms. It was cancelled and rolled back, and the session is " + (kept ? "kept" : "closed")
                        + ". Call endCopy() or cancelCopy() before the lease is released.",
                "25000");
        this.status = TransactionStatus.IN_TRANSACTION;
        this.statement = copy;
        this.thread = thread;
        this.openFor = openFor;
    }

    /**
     * What the server reported at the release.
     *
     * @return {@link TransactionStatus#IN_TRANSACTION}, also during a COPY, or {@link TransactionStatus#IN_ERROR}
     */
    public TransactionStatus status() {
        return status;
    }

    /**
     * The statement that opened the transaction, shortened, and cut after the word PASSWORD.
     *
     * @return the statement; {@code null} if it bypassed the lease
     */
    public @Nullable String statement() {
        return statement;
    }

    /**
     * The thread that opened the transaction.
     *
     * @return the thread's name, or its number if it has none; {@code null} if the statement bypassed the lease
     */
    public @Nullable String thread() {
        return thread;
    }

    /**
     * How long the transaction had been open.
     *
     * @return the time since the statement that opened it returned; since the lease was acquired, if that statement is
     *     unknown
     */
    public Duration openFor() {
        return openFor;
    }

    private static String message(
            String manager,
            TransactionStatus status,
            @Nullable String statement,
            @Nullable String thread,
            Duration openFor,
            boolean kept) {
        return "Did not commit or rollback open transaction before releasing connection: " + manager + " was "
                + (status == TransactionStatus.IN_ERROR ? "in a failed transaction" : "in a transaction")
                + (statement == null
                        ? " that was not opened through the lease"
                        : " opened by thread \"" + thread + "\" with: " + statement)
                + "; open for " + openFor.toMillis() + " ms. It was rolled back, and the session is "
                + (kept ? "kept" : "closed") + ". With autocommit off each statement opens a transaction, one that only"
                + " reads, too: call commit() or rollback() before the lease is released, or use inTransaction, which"
                + " does; or build the manager with autoCommit(true), where each statement is to stand alone.";
    }
}
