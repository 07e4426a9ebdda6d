package io.github.pgmanaged;

/**
 * The outcome of a COMMIT whose answer was lost, as far as the server still knows it.
 *
 * <p>Thread safety: immutable.
 */
public enum CommitOutcome {
    /** The transaction is committed. */
    COMMITTED,
    /** The transaction is rolled back: nothing of it is in the database. */
    ROLLED_BACK,
    /** The server is still working on it, or has not noticed yet that its client is gone. */
    IN_PROGRESS,
    /** The server cannot tell. */
    UNKNOWN
}
