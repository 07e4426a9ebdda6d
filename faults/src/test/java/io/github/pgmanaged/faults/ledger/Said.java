package io.github.pgmanaged.faults.ledger;

/** What the product has said became of an operation. */
enum Said {
    /** A commit was acknowledged. */
    COMMITTED,
    /** It failed, or was rolled back, or never came to a commit. */
    NOT_COMMITTED,
    /** The answer to the commit was lost. */
    UNKNOWN
}
