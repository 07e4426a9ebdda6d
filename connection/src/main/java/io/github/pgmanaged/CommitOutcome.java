package io.github.pgmanaged;

/**
 * What became of a transaction whose COMMIT was never answered, as far as the server still knows.
 *
 * <p>Thread safety: immutable.
 */
public enum CommitOutcome {
    /** It is committed. */
    COMMITTED,
    /** It is rolled back: nothing of it is in the database. */
    ROLLED_BACK,
    /** The server still works on it, or has not noticed yet that nobody waits for it. */
    IN_PROGRESS,
    /** Nobody can say. */
    UNKNOWN
}
